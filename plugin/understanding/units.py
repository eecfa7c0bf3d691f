"""Words → units: what a phrase is made of, in scripts with spaces and without.

A word of a script that writes spaces is one unit; of one that does not (Han, kana, Thai …) each
character is one, so that a name is found inside a longer text, and spaces do not matter there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# First and last code points of the scripts that write no spaces between words.
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),  # more kana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # Han
    (0x20000, 0x3FFFF),  # Han
)


@dataclass(frozen=True, slots=True)
class Units:
    """The units of some words, in order; ``word[i]`` is the position of the word of unit i."""

    units: tuple[str, ...]
    word: tuple[int, ...]


def units_of(words: Sequence[str], most: int) -> Units:
    """The first ``most`` units of normalised ``words``."""
    units: list[str] = []
    places: list[int] = []
    for place, word in enumerate(words):
        pieces = (word,) if word < "\u0e00" or word.isascii() else _pieces(word)
        units.extend(pieces)
        places.extend([place] * len(pieces))
        if len(units) >= most:
            break
    return Units(tuple(units[:most]), tuple(places[:most]))


def spaceless(unit: str) -> bool:
    """Whether ``unit`` is a character of a script without spaces."""
    if not unit or unit[0] < "\u0e00":
        return False
    code = ord(unit[0])
    return any(first <= code <= last for first, last in _WITHOUT_SPACES)


def _pieces(word: str) -> list[str]:
    pieces: list[str] = []
    joined = False  # whether the next character with spaces goes on with the last piece
    for char in word:
        if pieces and unicodedata.category(char).startswith("M"):
            pieces[-1] += char  # a vowel or tone mark belongs to its letter
        elif spaceless(char):
            pieces.append(char)
            joined = False
        elif joined:
            pieces[-1] += char
        else:
            pieces.append(char)
            joined = True
    return pieces
