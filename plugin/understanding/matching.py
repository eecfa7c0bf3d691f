"""Units of a query → the phrases that they may be: whole ones, parts of them, misspelt ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from plugin.understanding.spelling import reach
from plugin.understanding.units import spaceless
from plugin.understanding.vocabulary import ABSENT, Correction, Part, Vocabulary
from plugin.understanding.wording import Wording

_ONE_ERROR = 0.85
_TWO_ERRORS = 0.6
_RARE = 30.0
"""A word that is known but so much lighter than one that is near may be a typing error."""

_MOST_PATHS = 256
_MOST_WHOLES = 48
_LIKELY_PART = 0.04


@dataclass(frozen=True, slots=True)
class Match:
    """That units ``start`` to ``end`` may be phrase ``phrase``, or the ``covered`` part of it.

    ``trust`` (0..1] is what typing errors leave of it, ``covered`` the share of the phrase's
    characters, ``others`` the weight of all longer phrases that hold what matched.
    """

    start: int
    end: int
    phrase: int
    trust: float
    covered: float
    others: float


class Spelling(NamedTuple):
    """One way to read a unit: what it is taken for, and how much that is to be trusted."""

    unit: str
    trust: float


Lattice = Sequence[Sequence[Spelling]]
"""For each unit of the query its spellings, the typed one first."""


def spellings(units: Sequence[str], vocabulary: Vocabulary, wording: Wording) -> Lattice:
    """The units as typed, and as they may have been meant."""
    masses = vocabulary.masses(list(units))
    doubtful = [
        at
        for at, (unit, mass) in enumerate(zip(units, masses, strict=True))
        if mass < 1.0 and reach(unit) and not spaceless(unit) and not wording.stops(unit)
    ]
    lattice = [[Spelling(unit, 1.0)] for unit in units]
    corrections = vocabulary.corrections([units[at] for at in doubtful])
    for at, found in zip(doubtful, corrections, strict=True):
        lattice[at].extend(_trusted(found, masses[at], vocabulary))
    return lattice


def _trusted(found: list[Correction], mass: float, vocabulary: Vocabulary) -> list[Spelling]:
    if mass > 0 and found:
        heavier = vocabulary.masses([one.word for one in found])
        found = [one for one, other in zip(found, heavier, strict=True) if other > _RARE * mass]
    return [
        Spelling(one.word, one.share**0.5 * (_ONE_ERROR if one.errors == 1 else _TWO_ERRORS))
        for one in found
    ]


def whole_matches(lattice: Lattice, vocabulary: Vocabulary) -> list[Match]:
    """Every phrase that stands in the query as a whole."""
    found: dict[tuple[int, int, int], Match] = {}
    paths = [
        (start, spelling.unit, spelling.trust)
        for start, each in enumerate(lattice)
        for spelling in each
    ]
    length = 1
    while paths:
        alive: list[tuple[int, str, float]] = []
        for path, phrase in zip(paths, vocabulary.spans([key for _, key, _ in paths]), strict=True):
            if phrase == ABSENT:
                continue
            start, key, trust = path
            if phrase >= 0:
                place = (start, start + length, phrase)
                if place not in found or found[place].trust < trust:
                    found[place] = Match(start, start + length, phrase, trust, 1.0, 0.0)
            if start + length < len(lattice):
                alive.extend(
                    (start, f"{key} {next_.unit}", trust * next_.trust)
                    for next_ in lattice[start + length]
                )
        # Most beginnings lead nowhere; a hostile text must not make them many.
        paths = sorted(alive, key=lambda path: -path[2])[:_MOST_PATHS]
        length += 1
    return _with_others(list(found.values()), vocabulary)


def _with_others(matches: list[Match], vocabulary: Vocabulary) -> list[Match]:
    short = [match for match in matches if match.end - match.start <= 2]
    parts = vocabulary.parts([vocabulary.phrase(match.phrase) for match in short])
    others = {
        id(match): part.mass for match, part in zip(short, parts, strict=True) if part is not None
    }
    return [
        Match(m.start, m.end, m.phrase, m.trust, m.covered, others.get(id(m), 0.0)) for m in matches
    ]


def part_matches(lattice: Lattice, vocabulary: Vocabulary) -> list[Match]:
    """Phrases of which only a part stands in the query: "swift", "dark side"."""
    wanted: list[tuple[int, str, float]] = []
    for at, each in enumerate(lattice):
        for spelling in each:
            if not spaceless(spelling.unit):
                wanted.append((at, spelling.unit, spelling.trust))
            if at + 1 < len(lattice):
                wanted.extend(
                    (at, f"{spelling.unit} {next_.unit}", spelling.trust * next_.trust)
                    for next_ in lattice[at + 1]
                )
    wanted = wanted[: 4 * _MOST_PATHS]
    candidates: dict[tuple[int, int], tuple[float, float, float]] = {}
    parts = vocabulary.parts([key for _, key, _ in wanted])
    for (at, _, trust), part in zip(wanted, parts, strict=True):
        if part is not None:
            _propose(candidates, at, trust, part, vocabulary)
    best = sorted(candidates.items(), key=lambda one: -one[1][0])[:_MOST_WHOLES]
    found: dict[tuple[int, int, int], Match] = {}
    for (at, phrase), (_, trust, mass) in best:
        match = _grown(lattice, at, phrase, trust, mass, vocabulary)
        if match is not None:
            found.setdefault((match.start, match.end, match.phrase), match)
    return list(found.values())


def _propose(
    candidates: dict[tuple[int, int], tuple[float, float, float]],
    at: int,
    trust: float,
    part: Part,
    vocabulary: Vocabulary,
) -> None:
    for phrase in part.phrases:
        share = vocabulary.weight(phrase) / part.mass * trust
        if share < _LIKELY_PART:
            continue
        known = candidates.get((at, phrase))
        if known is None or known[0] < share:
            candidates[at, phrase] = (share, trust, part.mass)


def _grown(
    lattice: Lattice, at: int, phrase: int, trust: float, mass: float, vocabulary: Vocabulary
) -> Match | None:
    """The longest run of the query from ``at`` that is a run of the phrase; None for all of it."""
    units = vocabulary.phrase(phrase).split(" ")
    best = (0, 1.0, 0)  # characters, trust, units
    for first, unit in enumerate(units):
        if all(unit != spelling.unit for spelling in lattice[at]):
            continue
        characters, together, length = 0, 1.0, 0
        for typed, meant in zip(lattice[at:], units[first:], strict=False):
            trusted = [spelling.trust for spelling in typed if spelling.unit == meant]
            if not trusted:
                break
            characters += len(meant)
            together *= max(trusted)
            length += 1
        best = max(best, (characters, together, length))
    characters, together, length = best
    whole = sum(map(len, units))
    if length == 0 or length == len(units):
        return None
    return Match(at, at + length, phrase, min(trust, together), characters / whole, mass)
