"""A disk that loses power, fills up, and cuts lines short, under real files in a memory disk.

It stands where the spool's module finds ``os``. What was written is in the kernel and survives its
process; only what was synced survives the machine. Not simulated: a folder's own entries, which
are as durable here as the file that they name. On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from scheduler import Killed, Scheduler


class SimulatedDisk:
    """``os`` for the spool. ``full``: nothing more can be written."""

    def __init__(self, scheduler: Scheduler, root: Path) -> None:
        self.root = root
        self.full = False
        self.honest = True
        """Whether a sync is one: a mutation makes it do nothing."""
        self.kill_within_write = False
        self.sick = False
        """Whether syncs fail."""
        self._scheduler = scheduler
        self._open: dict[int, tuple[Path, int]] = {}
        self._synced: dict[Path, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def getpid(self) -> int:
        return self._owner()

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        self._open[descriptor] = (path, self._owner())
        return descriptor

    def dup(self, descriptor: int) -> int:
        again = os.dup(descriptor)
        self._open[again] = self._open[descriptor]
        return again

    def close(self, descriptor: int) -> None:
        if self._open.pop(descriptor, None) is not None:
            os.close(descriptor)

    def write(self, descriptor: int, data: bytes) -> int:
        rng = self._scheduler.rng
        if self.kill_within_write:
            self.kill_within_write = False
            os.write(descriptor, data[: rng.randrange(len(data))])
            raise Killed
        if self.full:
            if len(data) > 1 and rng.random() < 0.5:
                return os.write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if self.sick:
            raise OSError(errno.EIO, "Input/output error")
        if self.honest:
            self._synced[self._open[descriptor][0]] = os.fstat(descriptor).st_size

    def ftruncate(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)
        path = self._open[descriptor][0]
        self._synced[path] = min(self._synced.get(path, 0), length)

    def let_go(self, owner: int) -> None:
        """A process died: what it had open is closed, and its locks are free."""
        for descriptor in [one for one, (_, whose) in self._open.items() if whose == owner]:
            self.close(descriptor)

    def lose_power(self) -> None:
        """Keep what was synced, and of the rest a piece that ends anywhere."""
        for path in sorted(self.root.rglob("*.log")):
            size, safe = path.stat().st_size, self._synced.get(path, 0)
            if safe < size:
                os.truncate(path, self._scheduler.rng.randint(safe, size))

    def _owner(self) -> int:
        process = self._scheduler.current
        return process.number if process is not None else 0
