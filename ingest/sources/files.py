"""Opens what a source reads; a name that ends in ``.gz`` is unpacked on the way."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from plugin.errors import IngestError

PACKED = ".gz"


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file.

    Raises:
        IngestError: it cannot be opened, or what is packed in it is damaged (at the first line
            that cannot be read: what stands before it has been read by then).
    """
    stream: Any
    try:
        with path.open("rb") as raw:
            stream = gzip.GzipFile(fileobj=raw) if path.suffix == PACKED else raw
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise IngestError(
            f"{path} cannot be unpacked: {error}. Is it a whole gzip file?"
        ) from error
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}. Is the path right?") from error


def kind_of(path: Path) -> str:
    """The ending of a file's name without the packing: ``x.CSV.gz`` → ``.csv``."""
    inner = Path(path.stem) if path.suffix == PACKED else path
    return inner.suffix.lower()
