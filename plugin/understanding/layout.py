"""One file of named arrays, read by mapping it into memory.

``magic | length of the head | head (JSON) | arrays | digest``. It is written beside its place and
renamed into it, so a reader sees the old file or the new one, and a map of the old one stays good.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from plugin.errors import BrokenState

MAGIC = b"ltrrvoc1"
"""Changes with the layout, and with what the arrays mean."""

_DIGEST = 32
_ALIGN = 8

Arrays = Mapping[str, np.ndarray[Any, Any]]


def write(path: Path, head: Mapping[str, Any], arrays: Arrays) -> None:
    """Put ``head`` and ``arrays`` (one dimension, little endian) at ``path``, all or nothing.

    Raises:
        OSError: it cannot be written.
    """
    places: dict[str, list[Any]] = {}
    blocks: list[bytes] = []
    at = 0
    for name, array in arrays.items():
        block = np.ascontiguousarray(array).tobytes()
        padding = -len(block) % _ALIGN
        places[name] = [array.dtype.str, at, len(array)]
        blocks.append(block + b"\0" * padding)
        at += len(block) + padding
    said = orjson.dumps({"head": head, "arrays": places})
    said += b" " * (-len(said) % _ALIGN)
    digest = hashlib.blake2b(digest_size=_DIGEST)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with fresh.open("xb") as file:
            for part in (MAGIC, len(said).to_bytes(8, "little"), said, *blocks):
                file.write(part)
                digest.update(part)
            file.write(digest.digest())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The head and the arrays (read-only, mapped) of a file that :func:`write` made.

    Raises:
        FileNotFoundError: there is none.
        BrokenState: it is damaged, cut off, or of another version.
    """
    with path.open("rb") as file:
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as error:
            raise BrokenState(f"{path} is empty; it will be made anew") from error
    whole = memoryview(mapped)
    if bytes(whole[: len(MAGIC)]) != MAGIC:
        raise BrokenState(f"{path} is of another version; it will be made anew")
    if hashlib.blake2b(whole[:-_DIGEST], digest_size=_DIGEST).digest() != whole[-_DIGEST:]:
        raise BrokenState(f"{path} is damaged; it will be made anew")
    start = len(MAGIC) + 8
    end = start + int.from_bytes(whole[len(MAGIC) : start], "little")
    said = orjson.loads(whole[start:end])
    arrays = {
        name: np.frombuffer(mapped, dtype=dtype, count=count, offset=end + at)
        for name, (dtype, at, count) in said["arrays"].items()
    }
    return said["head"], arrays


def keys_of(texts: list[str]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A 64-bit key of each text: the same in every process, unlike Python's own hash."""
    blake = hashlib.blake2b
    joined = b"".join([blake(text.encode(), digest_size=8).digest() for text in texts])
    return np.frombuffer(joined, dtype="<u8")


def pool(texts: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Texts as (ends, bytes): text i is ``bytes[ends[i] : ends[i + 1]]``."""
    encoded = [text.encode() for text in texts]
    ends = np.zeros(len(encoded) + 1, dtype="<u4")
    ends[1:] = np.cumsum([len(one) for one in encoded], dtype="<u4")
    return ends, np.frombuffer(b"".join(encoded), dtype="u1")
