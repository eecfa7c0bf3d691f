"""What the rules that apply to one query do, as values: see :mod:`plugin.assets.rules`.

Blocks beat pins and boosts. The filters of a query hold for pins as for everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from plugin.assets.rules import Rule
from plugin.model import Candidate, Clause, Provenance

MOST_PINS = 100
"""Pins of one query; what comes after them has no place any more."""

RULE = "rule"
"""Stands in a candidate's provenance where a strategy's name would. No strategy earns by it."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What holds for one query.

    ``blocked`` ids never appear; ``filters`` (from blocks by filter) hold in every strategy.
    ``pins`` map entity → position, each position once; ``factors`` entity → product of boosts.
    ``named``: boosts by filter, rule id → clauses, whose entities only OpenSearch can tell;
    ``named_factors`` their factors.
    """

    blocked: frozenset[str] = frozenset()
    filters: tuple[Clause, ...] = ()
    pins: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    named: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
    named_factors: Mapping[str, float] = field(default_factory=dict)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All blocks as filter clauses, for what is not retrieved by strategies."""
        if not self.blocked:
            return self.filters
        ids: Clause = {"bool": {"must_not": [{"ids": {"values": sorted(self.blocked)}}]}}
        return (*self.filters, ids)

    def admit(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """``candidates`` without what is blocked, pins among them and marked as such."""
        allowed = [one for one in candidates if one.id not in self.blocked]
        marks = {id: Provenance(RULE, position, 1.0) for id, position in self.pins.items()}
        there = {one.id for one in allowed}
        missing = [Candidate(id, 0.0, (mark,)) for id, mark in marks.items() if id not in there]
        return [*(_marked(one, marks.get(one.id)) for one in allowed), *missing]

    def boosts(
        self, candidates: Sequence[Candidate], matched: Mapping[str, Iterable[str]]
    ) -> tuple[list[Candidate], dict[str, float]]:
        """``candidates`` with what is boosted marked, and the factor of each of those.

        ``matched`` says which of the named boosts each entity matches.
        """
        factors: dict[str, float] = {}
        for one in candidates:
            factor = self.factors.get(one.id, 1.0)
            for name in matched.get(one.id, ()):
                factor *= self.named_factors.get(name, 1.0)
            if factor != 1.0:
                factors[one.id] = factor
        marked = [
            _marked(one, Provenance(RULE, 1, factors[one.id]) if one.id in factors else None)
            for one in candidates
        ]
        return marked, factors


NOTHING = Effects()


def _marked(candidate: Candidate, mark: Provenance | None) -> Candidate:
    if mark is None or any(origin.strategy == RULE for origin in candidate.provenance):
        return candidate
    return candidate._replace(provenance=(*candidate.provenance, mark))


class Rules:
    """Rules, sorted by the queries that they are for. Immutable."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._for_all: list[Rule] = []
        self._by_key: dict[str, list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: rule.id):
            key = rule.key
            (self._for_all if key is None else self._by_key.setdefault(key, [])).append(rule)

    def effects(self, key: str) -> Effects:
        """What holds for the query with this memory key ("" says nothing)."""
        special = self._by_key.get(key, []) if key else []
        if not special and not self._for_all:
            return NOTHING
        return _effects([*special, *self._for_all])


def _effects(rules: Sequence[Rule]) -> Effects:
    """Those of a query come before those of all, and have the first say about positions."""
    blocked: set[str] = set()
    filters: list[Clause] = []
    pins: dict[str, int] = {}
    factors: dict[str, float] = {}
    named: dict[str, tuple[Clause, ...]] = {}
    named_factors: dict[str, float] = {}
    for rule in rules:
        if rule.action == "block":
            blocked.update(rule.ids)
            if rule.clauses:
                filters.append({"bool": {"must_not": [{"bool": {"filter": list(rule.clauses)}}]}})
        elif rule.action == "boost":
            for id in rule.ids:
                factors[id] = factors.get(id, 1.0) * rule.factor
            if rule.clauses:
                named[rule.id] = rule.clauses
                named_factors[rule.id] = rule.factor
    for rule in rules:
        if rule.action == "pin":
            taken = set(pins.values())
            position = rule.position
            for id in rule.ids:
                if id in blocked or id in pins or len(pins) >= MOST_PINS:
                    continue
                while position in taken:
                    position += 1
                pins[id] = position
                taken.add(position)
    return Effects(frozenset(blocked), tuple(filters), pins, factors, named, named_factors)
