"""Bytes that know whether they are whole: a header with kind and SHA-256 before the payload."""

from __future__ import annotations

import hashlib

from plugin.errors import BrokenState


class OtherKind(BrokenState):
    """The state is whole, but of another kind: what it came from was replaced by another."""


def seal(kind: str, payload: bytes) -> bytes:
    """``ltrr <kind> <sha256 of payload>\\n<payload>``."""
    return f"ltrr {kind} {hashlib.sha256(payload).hexdigest()}\n".encode() + payload


def unseal(kind: str, data: bytes) -> bytes:
    """The payload of sealed ``data``.

    Raises:
        BrokenState: it is damaged, cut short, or of another kind.
    """
    header, newline, payload = data.partition(b"\n")
    words = header.split(b" ")
    if not newline or len(words) != 3 or words[0] != b"ltrr":
        raise BrokenState(
            f"this is no {kind} state of ours (its header is missing). Use the last good snapshot."
        )
    if words[1] != kind.encode():
        found = words[1][:40].decode(errors="replace")
        raise OtherKind(f"this is a {found!r} state, but a {kind!r} state is wanted")
    if hashlib.sha256(payload).hexdigest().encode() != words[2]:
        raise BrokenState(
            f"the {kind} state is damaged or cut short (its checksum differs). "
            "Use the last good snapshot."
        )
    return payload
