"""Typing errors: deletion neighbourhoods.

Two words within distance d share a text that both become by at most d deletions, so a look-up of
the deletions of one finds the other without comparing it to all (Garbe's "symmetric delete").
Of long words only the beginning is looked at.
"""

from __future__ import annotations

from itertools import combinations

from rapidfuzz.distance import OSA

_SHORTEST = 4
_LONG = 8
_BEGINNING = 8


def reach(word: str) -> int:
    """How many errors are looked for in ``word``: none in short ones and in numbers."""
    if len(word) < _SHORTEST or any(char.isdigit() for char in word):
        return 0
    return 1 if len(word) < _LONG else 2


def deletions(word: str) -> set[str]:
    """What the beginning of ``word`` becomes by up to :func:`reach` deletions, itself included."""
    errors = reach(word)
    beginning = word[:_BEGINNING]
    found = {beginning}
    for number in range(1, errors + 1):
        for kept in combinations(beginning, len(beginning) - number):
            found.add("".join(kept))
    return found


def errors_between(typed: str, meant: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours; more than allowed count as 9."""
    allowed = max(1, min(reach(typed), reach(meant)) if len(typed) != len(meant) else reach(typed))
    distance = int(OSA.distance(typed, meant, score_cutoff=allowed))
    return distance if distance <= allowed else 9
