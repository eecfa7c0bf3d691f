"""Readable ids: names as ASCII slugs."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def slug(name: str) -> str | None:
    """``"Beyoncé & Jay-Z"`` → ``"beyonce-jay-z"``; None where ASCII cannot say the name."""
    plain = unicodedata.normalize("NFKD", name).lower().translate(_LETTERS)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    if any(char.isalnum() and not char.isascii() for char in plain):
        return None
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or None
