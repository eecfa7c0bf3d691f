"""What could not be stored, as JSON lines: ``{"line", "id", "reason"}``."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import orjson

from ingest.bulk import Failure
from plugin.errors import IngestError

DEFAULT = Path("ingest-errors.jsonl")


class ErrorFile:
    """A file that was not asked for is made by the first failure only.

    ``keep`` bytes of it are kept: those that a load wrote which now goes on.
    """

    def __init__(self, asked: Path | None, keep: int = 0) -> None:
        self.path = asked or DEFAULT
        self._asked = asked is not None or keep > 0
        self._keep = keep
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> ErrorFile:
        if self._asked:
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def length(self) -> int:
        """Bytes that are safely in the file."""
        if self._stream is None:
            return 0
        self._stream.flush()
        return self._stream.tell()

    def write(self, failure: Failure) -> None:
        """Add a line."""
        line = {"line": failure.line, "id": failure.id, "reason": failure.reason}
        stream = self._stream or self._open()
        stream.write(orjson.dumps(line) + b"\n")

    def _open(self) -> IO[bytes]:
        try:
            there = self._keep and self.path.is_file() and self.path.stat().st_size >= self._keep
            stream = self.path.open("r+b" if there else "wb")
            if there:
                stream.truncate(self._keep)
                stream.seek(self._keep)
        except OSError as error:
            raise IngestError(
                f"cannot write {self.path}: {error.strerror}. Name another file with --errors."
            ) from error
        self._stream = stream
        return stream
