"""Draws that belong to a text: whoever asks again, anywhere, draws the same."""

from __future__ import annotations

import hashlib


def drawn(text: str) -> float:
    """A number of 0..1 (1 is never drawn), evenly spread over texts."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48
