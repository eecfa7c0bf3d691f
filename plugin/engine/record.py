"""A note on disk of each program that we started in the background, so that we stop only those.

A process id alone proves nothing: it may have been given to someone else's process since. So the
record holds the time at which the process was created as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

# Both times come from the kernel's counter of ticks since boot; only the boot time, which the
# kernel derives from the wall clock, may move a little between two looks.
_TOLERANCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Record:
    """One started program. ``create_time`` is in seconds since the epoch, as psutil says it."""

    name: str
    pid: int
    create_time: float
    port: int
    details: Mapping[str, str] = field(default_factory=dict)


def read_record(path: Path) -> Record | None:
    """What was noted; None when nothing was, or when the note is damaged."""
    try:
        raw = json.loads(path.read_text())
        return Record(
            name=str(raw["name"]),
            pid=int(raw["pid"]),
            create_time=float(raw["create_time"]),
            port=int(raw["port"]),
            details={str(key): str(value) for key, value in raw.get("details", {}).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_record(path: Path, record: Record) -> None:
    """Note it in one step: a reader sees the old note or the new one, never half of one."""
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(asdict(record), indent=2) + "\n")
    scratch.chmod(0o644)
    os.replace(scratch, path)


def process_of(record: Record | None) -> psutil.Process | None:
    """The process that was recorded, if it still runs; never another one with the same id."""
    if record is None:
        return None
    try:
        process = psutil.Process(record.pid)
        if abs(process.create_time() - record.create_time) > _TOLERANCE_S:
            return None
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None
