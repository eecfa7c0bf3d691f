"""Slips of the fingers, for simulated people."""

from __future__ import annotations

import random
from typing import Final

SHORTEST: Final = 4
"""Words with fewer letters stay as they are: one slip would make them another word."""


def misspell(text: str, rng: random.Random) -> str:
    """``text`` with one slip in one of its longer words: two letters swapped, one missing or one
    doubled. Unchanged where no word is long enough. Works in any script, by characters."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if _letters(word) >= SHORTEST]
    if not long:
        return text
    place = rng.choice(long)
    words[place] = _slip(words[place], rng)
    return " ".join(words)


def _letters(word: str) -> int:
    return sum(char.isalpha() for char in word)


def _slip(word: str, rng: random.Random) -> str:
    # The first letter is seldom wrong, so it is left alone.
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    missing = word[:at] + word[at + 1 :]
    doubled = word[:at] + word[at] + word[at:]
    # Swapping two equal letters changes nothing.
    return rng.choice([slip for slip in (swapped, missing, doubled) if slip != word])
