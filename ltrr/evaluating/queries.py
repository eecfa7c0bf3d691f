"""What is studied: who asks what, which queries nobody asks, and a world to ask them in."""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from threadpoolctl import threadpool_limits

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.people import People, PositionBased
from bandit_service.evaluation.loop.traffic import Asked, traffic
from bandit_service.evaluation.loop.world import Recorded, World
from bandit_service.evaluation.splits import load_split
from ltrr.evaluating.recording import predicted, recorded
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings

SHORT_SESSIONS: Final = 2_000
SHORT_MEASURED: Final = 300
PEOPLE: Final[People] = PositionBased()


@dataclass(frozen=True, slots=True)
class Options:
    """What is studied. ``fields``: see :func:`.dataset.loaded`; ``at_once``: processes. ``short``:
    a sample of the never-clicked queries, and of the others only those that somebody asks.
    ``full``: with each part switched off in turn."""

    data: Path
    kind_field: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    train: str = "train"
    test: str = "test"
    on: Literal["test", "development"] = "test"
    sessions: int = 10_000
    seeds: int = 3
    short: bool = False
    full: bool = False
    at_once: int = 2


@dataclass(frozen=True)
class Queries:
    """``traffics``: of each seed; ``asked``: all queries that may be traffic, ``measured``: those
    that nobody asks."""

    traffics: tuple[tuple[Asked, ...], ...]
    asked: tuple[Judged, ...]
    measured: tuple[Judged, ...]

    @classmethod
    def of(cls, options: Options) -> Queries:
        """The same options, the same queries. Raises InvalidRequest: the data cannot be split."""
        split = load_split(options.data, options.kind_field, train=options.train, test=options.test)
        # Whoever looks at the development split has not learnt from it.
        measured = split.test if options.on == "test" else split.development
        there = split.train if options.on == "development" else split.train + split.development
        if options.short:
            measured = tuple(some(measured, SHORT_MEASURED))
        traffics = tuple(
            tuple(traffic(there, options.sessions, _dice(f"traffic {seed}")))
            for seed in range(options.seeds)
        )
        asked = {one.judged.id: one.judged for seed in traffics for one in seed}
        return cls(traffics, tuple(asked.values()) if options.short else there, measured)

    @cached_property
    def all(self) -> list[Judged]:
        """All of them."""
        return [*self.asked, *self.measured]


def new_world(
    settings: Settings,
    options: Options,
    queries: Queries,
    name: str,
    people: People = PEOPLE,
) -> World:
    """A world in which nothing was learnt yet. Raises as :func:`.recording.recorded`."""
    recording, catalogue = recorded(settings, options.data, queries.all, options.fields)
    # What was read stays: looking through it again and again for garbage takes half of the time;
    # through what came since, at the usual pace, another tenth.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)
    # Worlds run side by side, a process each: threads for small matrices would only wait for each
    # other, and took half of both cores.
    threadpool_limits(1, user_api="blas")
    return World(
        name,
        Recorded(recording, catalogue, queries.all, predicted(settings, options.data)),
        parts_of(settings),
        people,
    )


def some(judged: Sequence[Judged], most: int) -> list[Judged]:
    """A sample of at most so many, always the same."""
    return _dice("some").sample(list(judged), min(most, len(judged)))


def _dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - simulated people keep no secrets
