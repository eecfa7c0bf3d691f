"""Text → what is understood of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plugin.model import Slot
from plugin.understanding.normalise import memory_key, normalise


@dataclass(frozen=True, slots=True)
class Understanding:
    """One reading of a query.

    ``text`` is what was typed, made valid and trimmed; ``words`` are its normalised words, in
    order; ``memory_key`` the key of this query in the memory, "" without a word. The rest needs a
    :class:`~plugin.understanding.reader.Reader`: see the fields of ``plugin.model.Query``.
    """

    text: str
    words: tuple[str, ...]
    memory_key: str
    says_nothing: bool = False
    language: str | None = None
    slots: tuple[Slot, ...] = ()
    corrected: str = ""
    rewritten: str | None = None
    rest: str = ""
    intents: Mapping[str, float] = field(default_factory=dict)


def understand(text: str) -> Understanding:
    """Read the words of ``text``; anything can be read, half a surrogate pair included."""
    # A lone surrogate is no character: it can be neither stored nor sent.
    whole = text.encode("utf-8", "replace").decode().strip()
    words = tuple(normalise(whole).split())
    return Understanding(whole, words, memory_key(whole), says_nothing=not words)
