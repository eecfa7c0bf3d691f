"""Visits → grades of query–entity pairs, by two methods that correct for where an entity stood.

**COEC**, clicks over expected clicks (Zhang and Jones, "Comparing click logs and editorial labels
for training query rewriting", WWW 2007): how often a pair was chosen, divided by how often it would
have been if what stands at a position were chosen as often as on average there. 1 is average.

**Examination**: the grade that a pair earned for each time that it was looked at, where position n
is looked at by n^-.7 of people (see :mod:`bandit_service.memory`, whose score it is):
(grades + rate) / (examinations + 1), within 0..1.

A voice (a session, or most sessions of one client, see :mod:`bandit_service.learner.guard`) counts
once per pair: with the highest place that it saw it at, and what it did with it last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from cachetools import LRUCache

from bandit_service.evaluation.implicit.visits import Visit
from bandit_service.memory import examination

Method = Literal["coec", "examination"]
REMEMBERED: Final = 200_000
"""Votes by voices that are known again: the latest."""


@dataclass(frozen=True, slots=True)
class Judgments:
    """Of one query: entity → rating, the best first. ``voices``: who asked, at most as counted."""

    key: str
    text: str
    voices: int
    ratings: Mapping[str, float]


@dataclass(slots=True)
class _Pair:
    """``shown`` and ``chosen``: position → voices; ``grades``: their sum."""

    shown: Counter[int] = field(default_factory=Counter)
    chosen: Counter[int] = field(default_factory=Counter)
    grades: float = 0.0


@dataclass(slots=True)
class _Query:
    text: str
    voices: set[str] = field(default_factory=set)
    pairs: dict[str, _Pair] = field(default_factory=dict)


def judge(visits: Iterable[Visit], method: Method, *, sessions: int) -> list[Judgments]:
    """Judgments of every query that at least ``sessions`` distinct voices asked, by query key.

    A query text of fewer could tell who asked it.
    """
    queries: dict[str, _Query] = {}
    seen: LRUCache[tuple[str, str, str], tuple[int, float]] = LRUCache(REMEMBERED)
    for visit in visits:
        query = queries.setdefault(visit.key, _Query(visit.text))
        if visit.voice and len(query.voices) < sessions:
            query.voices.add(visit.voice)
        for entity, position in visit.looked_at().items():
            _count(query, visit, entity, position, seen)
    rates = _rates(queries.values())
    return [
        Judgments(
            key,
            query.text,
            len(query.voices),
            _ranked({id: _rating(pair, method, rates) for id, pair in query.pairs.items()}),
        )
        for key, query in sorted(queries.items())
        if len(query.voices) >= sessions
    ]


def _count(
    query: _Query,
    visit: Visit,
    entity: str,
    position: int,
    seen: LRUCache[tuple[str, str, str], tuple[int, float]],
) -> None:
    pair = query.pairs.setdefault(entity, _Pair())
    vote = (visit.key, visit.voice, entity)
    known = seen.get(vote) if visit.voice else None
    grade = visit.grade(entity)
    if known is not None:
        # What this voice had counted for is replaced by what it counts for now.
        place, before = known
        pair.shown[place] -= 1
        pair.chosen[place] -= before > 0
        pair.grades -= before
        position, grade = min(place, position), grade or before
    pair.shown[position] += 1
    pair.chosen[position] += grade > 0
    pair.grades += grade
    if visit.voice:
        seen[vote] = (position, grade)


@dataclass(frozen=True, slots=True)
class _Rates:
    by_position: Mapping[int, float]
    grade: float


def _rates(queries: Iterable[_Query]) -> _Rates:
    """How often what stands at a position is chosen; the grade that an examination earns."""
    shown: Counter[int] = Counter()
    chosen: Counter[int] = Counter()
    grades = examined = 0.0
    for query in queries:
        for pair in query.pairs.values():
            shown.update(pair.shown)
            chosen.update(pair.chosen)
            grades += pair.grades
            examined += _examined(pair)
    by_position = {place: chosen[place] / count for place, count in shown.items() if count}
    return _Rates(by_position, max(0.0, grades) / examined if examined else 0.0)


def _rating(pair: _Pair, method: Method, rates: _Rates) -> float:
    if method == "examination":
        return min(1.0, max(0.0, pair.grades + rates.grade) / (_examined(pair) + 1))
    expected = sum(rates.by_position.get(at, 0.0) * count for at, count in pair.shown.items())
    return sum(pair.chosen.values()) / expected if expected else 0.0


def _examined(pair: _Pair) -> float:
    return sum(examination(position) * count for position, count in pair.shown.items())


def _ranked(ratings: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(ratings.items(), key=lambda one: (-one[1], one[0])))
