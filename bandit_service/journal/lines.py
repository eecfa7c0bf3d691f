"""Lines that survive a torn write: ``<length> <crc32, 8 hex> <payload>\\n``.

A process may be killed, or a disk fill up, in the middle of a line. What was written before it and
what is written after it is still read; the torn piece itself was never acknowledged.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line: its payload, and where it ends in the file."""

    payload: bytes
    end: int


def encode_line(payload: bytes) -> bytes:
    """``payload`` (without any newline) as a line."""
    return b"%d %08x %s\n" % (len(payload), zlib.crc32(payload), payload)


def decode_line(line: bytes) -> bytes | None:
    """The payload of one line without its newline, or None when it is torn or damaged."""
    length, _, rest = line.partition(b" ")
    checksum, _, payload = rest.partition(b" ")
    try:
        whole = int(length) == len(payload) and int(checksum, 16) == zlib.crc32(payload)
    except ValueError:
        return None
    return payload if whole else None


def read_lines(data: bytes, start: int = 0) -> Iterator[Line | None]:
    """Every line of ``data``, which begins at offset ``start`` of its file; None for a damaged one.

    A last piece without a newline is not yielded: it may still be being written.
    """
    at = 0
    while (newline := data.find(b"\n", at)) >= 0:
        payload = decode_line(data[at:newline])
        at = newline + 1
        yield None if payload is None else Line(payload, start + at)
