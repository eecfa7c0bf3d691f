"""The files of one spool folder, read in order: ``00000001.log``, ``00000002.log`` …"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from bandit_service.journal.documents import from_line
from bandit_service.journal.entries import Entry
from bandit_service.journal.lines import read_lines
from plugin.errors import BrokenState

_SEGMENT = re.compile(r"[0-9].*\.log")
_CHUNK = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries in the order they were appended; ``segment`` and ``end``: where reading stopped."""

    entries: tuple[Entry, ...]
    segment: Path
    end: int


def segment_path(folder: Path, number: int) -> Path:
    """The file of segment ``number`` (from 1)."""
    return folder / f"{number:08d}.log"


def segment_paths(folder: Path) -> list[Path]:
    """The segments of ``folder``, oldest first."""
    # Not by glob, which asks the disk much more, and readers come here several times a second.
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names) if _SEGMENT.fullmatch(name)]


class Segments:
    """A cursor over the segments of a folder. Not safe for threads: one shipper reads.

    ``damaged`` counts lines that could not be read: pieces of writes that were never acknowledged,
    or a disk that lost data.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged = 0
        self._segment: Path | None = None
        self._offset = 0

    def read(self, limit: int) -> Batch | None:
        """Up to ``limit`` entries from the cursor on, or None where nothing whole is left.

        The cursor stays; :meth:`done` moves it.
        """
        for path in segment_paths(self.folder):
            start = self._offset if path == self._segment else 0
            batch = self._read_one(path, start, limit)
            if batch is not None:
                return batch
        return None

    def done(self, batch: Batch) -> int:
        """The entries of ``batch`` are safe elsewhere: move on, and drop segments left behind.

        Returns how many bytes the cursor moved or dropped.
        """
        freed = batch.end - (self._offset if batch.segment == self._segment else 0)
        for path in segment_paths(self.folder):
            if path >= batch.segment:
                break
            already = self._offset if path == self._segment else 0
            freed += path.stat().st_size - already
            path.unlink()
        self._segment, self._offset = batch.segment, batch.end
        return freed

    def _read_one(self, path: Path, start: int, limit: int) -> Batch | None:
        try:
            with path.open("rb") as file:
                file.seek(start)
                data = file.read(_CHUNK)
                while data and b"\n" not in data and (more := file.read(_CHUNK)):
                    data += more
        except FileNotFoundError:
            return None
        entries: list[Entry] = []
        end = start
        for line in read_lines(data, start):
            if line is None:
                self.damaged += 1
                continue
            try:
                entries.append(from_line(line.payload))
            except BrokenState:
                self.damaged += 1
            end = line.end
            if len(entries) == limit:
                break
        return Batch(tuple(entries), path, end) if entries else None
