"""Puts the production code into the simulated environment, one schedule at a time."""

from __future__ import annotations

import gc
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from scheduler import Violated
from simulated_world import Play, World

from bandit_service.journal import rollover, shipper, spool
from bandit_service.learner import artefacts, lease, run, watcher

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - quick where there is one
TOLD = 60


@pytest.fixture
def play() -> Iterator[Play]:
    """Runs the schedule of a seed to its end; ``prepare`` may change its world before.

    Raises AssertionError with the last steps and the way to replay it.
    """
    root = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
    logging.disable(logging.CRITICAL)
    # What the imported libraries made, and what is in use, is not looked through again and again.
    gc.freeze()
    gc.disable()

    def run_schedule(seed: int, prepare: Callable[[World], object] = lambda _: None) -> World:
        world = World(seed, root / str(seed))
        with pytest.MonkeyPatch.context() as patch:
            _surround(world, patch)
            try:
                prepare(world)
                world.run()
            except Violated as error:
                last = "\n".join(world.scheduler.trace[-TOLD:])
                way = f"pytest tests/simulation --seed {seed}"
                raise AssertionError(f"{error}\n{last}\nTo replay it: {way}") from error
            finally:
                world.end()
                gc.collect()
                shutil.rmtree(root / str(seed), ignore_errors=True)
        return world

    yield run_schedule
    gc.enable()
    gc.unfreeze()
    logging.disable(logging.NOTSET)
    shutil.rmtree(root, ignore_errors=True)


def _surround(world: World, patch: pytest.MonkeyPatch) -> None:
    """Disk, time and chance of production code are those of ``world``."""
    patch.setattr(spool, "os", world.disk)
    patch.setattr(
        spool, "secrets", SimpleNamespace(token_hex=lambda n: world.rng.randbytes(n).hex())
    )
    times = SimpleNamespace(time=world.wall_s, monotonic=world.monotonic_s)
    for module in (artefacts, lease, rollover, run, shipper, watcher):
        patch.setattr(module, "time", times)
