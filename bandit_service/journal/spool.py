"""The local spool: an entry is on this machine's disk before anything acts on it.

Each process appends to a folder of its own, ``<root>/<pid>-<random>/``, and holds a lock in it
for as long as it lives. The lock of a process that died is free, however it died: any other
process then adopts the folder and ships what is in it.

**How safe is an appended entry?** ``append`` returns when the kernel has the line: a process that
is killed, with -9 or otherwise, loses nothing. The shipper calls :meth:`Spool.sync` about once a
second, so a machine that loses power loses at most that second, unless the entry had reached
OpenSearch already, which takes about as long.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
import shutil
import threading
from pathlib import Path

from bandit_service.journal.documents import from_line, to_line
from bandit_service.journal.entries import Entry
from bandit_service.journal.lines import decode_line, encode_line
from bandit_service.journal.segments import Batch, Segments, segment_path, segment_paths
from plugin.errors import InvalidRequest, SpoolFull, TooLarge

log = logging.getLogger(__name__)

_LOCK = "lock"
LARGEST_ENTRY = 4 * 2**20
_SPENT_BYTES = 64 * 2**10
"""A segment of at least this length goes as soon as all of it has been shipped."""


class Spool:
    """The spool of this process. Appending is safe from any thread; one shipper reads."""

    def __init__(self, root: Path, *, max_bytes: int, segment_bytes: int = 4 * 2**20) -> None:
        if max_bytes <= 0:
            raise InvalidRequest("the spool needs room; LTRR_SPOOL_MB must be 1 or more")
        self.root = root
        self.appended = threading.Event()
        self._max_bytes = max_bytes
        self._segment_bytes = segment_bytes
        self._lock = threading.Lock()
        # entry id → (segment, offset, length of the line) of what was not shipped yet
        self._waiting: dict[str, tuple[int, int, int]] = {}
        self._bytes = 0
        self._dirty = False
        self._cramped = False
        self._closed = False
        self._number = 1
        self._size = 0
        self.folder, self._flock = _own_folder(root)
        self._file = _open(segment_path(self.folder, self._number))
        self._segments = Segments(self.folder)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of entries that have not reached OpenSearch yet."""
        return self._bytes

    @property
    def waiting_entries(self) -> int:
        """Entries that have not reached OpenSearch yet."""
        return len(self._waiting)

    @property
    def damaged(self) -> int:
        """Lines that could not be read back."""
        return self._segments.damaged

    def append(self, entry: Entry) -> None:
        """Put ``entry`` on the disk.

        Raises:
            SpoolFull: there is no room (by setting, or on the disk), or the process is about to
                end; nothing was written.
            TooLarge: the entry alone is bigger than any that is read back.
        """
        line = encode_line(to_line(entry))
        if len(line) > LARGEST_ENTRY:
            raise TooLarge(f"a journal entry of {len(line)} bytes is too large; send less at once")
        with self._lock:
            if self._closed:
                raise SpoolFull("this process is about to end. Try again in a moment.")
            if self._bytes + len(line) > self._max_bytes:
                raise SpoolFull(
                    f"the spool holds {self._bytes} bytes that OpenSearch has not taken yet and is "
                    "full. Try again later; LTRR_SPOOL_MB gives it more room."
                )
            try:
                if self._size >= self._segment_bytes:
                    self._next_segment()
                self._write(line)
            except OSError as error:
                self._cramped = True
                raise SpoolFull(
                    f"the spool cannot be written: {error.strerror}. "
                    "Make room on the disk that holds LTRR_STATE."
                ) from error
            self._waiting[entry.id] = (self._number, self._size, len(line))
            self._size += len(line)
            self._bytes += len(line)
            self._dirty = True
        self.appended.set()

    def find(self, entry_id: str) -> Entry | None:
        """An entry that this machine appended and OpenSearch may not have yet.

        Other processes are asked through their newest segment, which holds their last seconds.
        """
        with self._lock:
            place = self._waiting.get(entry_id)
        if place is None:
            return self._find_elsewhere(entry_id)
        number, offset, length = place
        try:
            with segment_path(self.folder, number).open("rb") as file:
                file.seek(offset)
                payload = decode_line(file.read(length)[:-1])
        except FileNotFoundError:
            return None  # shipped while we were looking
        return None if payload is None else from_line(payload)

    def read(self, limit: int) -> Batch | None:
        """The oldest entries that were not yet :meth:`done`, at most ``limit``."""
        return self._segments.read(limit)

    def done(self, batch: Batch) -> None:
        """``batch`` has reached OpenSearch (or the dead letters): forget it here."""
        freed = self._segments.done(batch)
        with self._lock:
            for entry in batch.entries:
                self._waiting.pop(entry.id, None)
            self._bytes = max(0, self._bytes - freed) if self._waiting else 0
            if not self._waiting and (self._cramped or self._size >= _SPENT_BYTES):
                self._make_room()

    def sync(self) -> None:
        """Have the disk, not only the kernel, hold what was appended.

        Raises OSError where the disk cannot: the next call tries again. What is shipped meanwhile
        is safe without it.
        """
        with self._lock:
            if not self._dirty:
                return
            self._dirty = False
            descriptor = os.dup(self._file)
        try:
            os.fsync(descriptor)
        except OSError:
            with self._lock:
                self._dirty = True
            raise
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Let go. A folder with entries left is adopted by whoever comes next."""
        try:
            self.sync()
        except OSError as error:  # it is adopted all the same
            log.warning("the spool cannot be synced as it is closed: %s", error.strerror)
        with self._lock:
            self._closed = True
            empty = not self._waiting
            os.close(self._file)
            if empty:
                shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._flock)

    def _make_room(self) -> None:
        """Drop the segment that is written, all of which was shipped: a small disk needs it."""
        spent = segment_path(self.folder, self._number)
        with contextlib.suppress(OSError):  # then with the next batch
            self._next_segment()
            spent.unlink()
            self._cramped = False

    def _write(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            # What follows half a line on the same line would be lost with it.
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                self._next_segment()
            raise

    def _next_segment(self) -> None:
        following = _open(segment_path(self.folder, self._number + 1))
        try:
            os.fsync(self._file)
        except OSError:
            os.close(following)
            raise
        os.close(self._file)
        self._file = following
        self._number += 1
        self._size = 0

    def _find_elsewhere(self, entry_id: str) -> Entry | None:
        needle = f'"id":"{entry_id}"'.encode()
        for folder in _folders(self.root):
            if folder == self.folder:
                continue
            for path in segment_paths(folder)[-1:]:
                with contextlib.suppress(FileNotFoundError):
                    data = path.read_bytes()
                    at = data.find(needle)
                    if at < 0:
                        continue
                    line = data[data.rfind(b"\n", 0, at) + 1 :].partition(b"\n")[0]
                    payload = decode_line(line)
                    if payload is not None:
                        return from_line(payload)
        return None


class Adopted:
    """The folder of a process that died, held under its lock until it is shipped."""

    def __init__(self, folder: Path, flock: int) -> None:
        self._folder = folder
        self._flock = flock
        self._segments = Segments(folder)

    def read(self, limit: int) -> Batch | None:
        """As :meth:`Spool.read`; a torn last line was never acknowledged and is left out."""
        return self._segments.read(limit)

    def done(self, batch: Batch) -> None:
        """As :meth:`Spool.done`."""
        self._segments.done(batch)

    def remove(self) -> None:
        """All is shipped: the folder goes."""
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._flock)


def adopt(spool: Spool) -> list[Adopted]:
    """The folders beside ``spool`` whose processes are dead, each now ours alone."""
    adopted = []
    for folder in _folders(spool.root):
        if folder == spool.folder:
            continue
        flock = _try_lock(folder / _LOCK)
        if flock is None:
            continue
        if not folder.exists():  # its owner removed it while we were looking
            os.close(flock)
            continue
        adopted.append(Adopted(folder, flock))
    return adopted


def _folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob(f"[0-9]*-*/{_LOCK}"))


def _own_folder(root: Path) -> tuple[Path, int]:
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    # Nobody may take the folder for a dead one before it is locked: it gets its name last.
    hidden = root / f".{name}"
    hidden.mkdir(parents=True, mode=0o700)
    flock = _try_lock(hidden / _LOCK, create=True)
    if flock is None:
        raise SpoolFull(f"the spool folder {hidden} cannot be locked. Is it on a network disk?")
    return hidden.rename(root / name), flock


def _try_lock(path: Path, *, create: bool = False) -> int | None:
    try:
        descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
