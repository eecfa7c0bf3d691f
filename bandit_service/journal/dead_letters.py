"""Entries that OpenSearch refused for good, on this machine's disk, for people to look at.

What people asked stands in them, so the file is for its owner only. Several processes write it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import orjson
from filelock import FileLock

from bandit_service.journal.documents import to_line
from bandit_service.journal.entries import Entry


def bury(path: Path, entry: Entry, reason: str) -> None:
    """Append a refused entry. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = orjson.dumps({"reason": reason[:1000], "entry": orjson.loads(to_line(entry))})
    with _lock(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line + b"\n")


def erase(path: Path, matches: Callable[[bytes], bool]) -> int:
    """Drop the lines for which ``matches`` is true; returns how many. Raises OSError."""
    if not path.exists():
        return 0
    with _lock(path):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not matches(line)]
        if len(kept) < len(lines):
            beside = path.with_suffix(".erasing")
            with os.fdopen(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as new:
                new.write(b"".join(kept))
            beside.replace(path)
    return len(lines) - len(kept)


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_suffix(".lock"), mode=0o600)
