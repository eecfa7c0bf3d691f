"""Text → what is understood of it."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.understanding.normalise import memory_key, normalise


@dataclass(frozen=True, slots=True)
class Understanding:
    """One reading of a query.

    ``text`` is what was typed, made valid and trimmed; ``words`` are its normalised words, in
    order; ``memory_key`` the key of this query in the memory, "" without a word.
    """

    text: str
    words: tuple[str, ...]
    memory_key: str


def understand(text: str) -> Understanding:
    """Read ``text``; anything can be read, half a surrogate pair included."""
    # A lone surrogate is no character: it can be neither stored nor sent.
    whole = text.encode("utf-8", "replace").decode().strip()
    return Understanding(whole, tuple(normalise(whole).split()), memory_key(whole))
