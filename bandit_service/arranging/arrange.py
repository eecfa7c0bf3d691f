"""Arrange: the ranked list → the list that is shown, journalled and paged through.

boost → own choices → collapse → diversify → pin → group. What a session refused stays last, what
it chose stays first, and a pin is above even that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bandit_service.arranging.collapse import Values, collapse
from bandit_service.arranging.diversity import (
    HALF_AT,
    HALF_AT_THE_START,
    diversify,
    relevance,
)
from bandit_service.arranging.groups import in_groups
from bandit_service.ranking import own_choices
from plugin.model import Candidate

Layout = Literal["mixed", "grouped"]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How to arrange: what page.toml and the request say, and the rules that apply.

    ``size`` of the page; ``collapse`` and ``diversify`` are fields, none for off. ``pins`` maps
    entity → position (1 is the top), ``factors`` entity → boost, of rules and of what the words
    wish for. ``start``: nothing was asked.
    """

    size: int
    type_field: str
    layout: Layout = "mixed"
    collapse: tuple[str, ...] = ()
    diversity: float = 0.0
    diversify: tuple[str, ...] = ()
    start: bool = False
    pins: Mapping[str, int] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arranged:
    """The list, and for those that stand for near-duplicates the ids of these."""

    ranked: list[Candidate]
    collapsed: Mapping[str, tuple[str, ...]]


def arrange(
    ranked: Sequence[Candidate], values: Values, own: Mapping[str, float], how: Arrangement
) -> Arranged:
    """The order of the page. ``own`` are the session's grades of entities, see own_choices."""
    order = own_choices.lift(boosted(ranked, how.factors), own)
    order, folded = collapse(order, values, how.collapse, keep=how.pins)
    chosen = [one for one in order if own.get(one.id, 0.0) > 0]
    refused = [one for one in order if own.get(one.id, 0.0) < 0]
    between = order[len(chosen) : len(order) - len(refused)]
    half_at = HALF_AT_THE_START if how.start else HALF_AT
    between = diversify(between, values, how.diversify, how.diversity, chosen, half_at)
    order = pinned([*chosen, *between, *refused], how.pins)
    if how.layout == "grouped":
        order = in_groups(
            order, lambda one: kind_of(values.get(one.id, {}), how.type_field), how.size
        )
    return Arranged(order, folded)


def kind_of(known: Mapping[str, Sequence[object]], type_field: str) -> str:
    """The type among an entity's doc values; "" where it has none."""
    found = known.get(type_field)
    return str(found[0]) if found else ""


def boosted(ranked: Sequence[Candidate], factors: Mapping[str, float]) -> list[Candidate]:
    """``ranked`` by relevance × factor, where a place's relevance is :func:`.relevance`'s.

    So a factor means the same for every ranker: 2 takes what is eleventh as far as the second.
    """
    if not factors:
        return list(ranked)
    places = sorted(
        range(len(ranked)),
        key=lambda place: (-relevance(place) * factors.get(ranked[place].id, 1.0), place),
    )
    return [ranked[place] for place in places]


def product(*factors: Mapping[str, float]) -> dict[str, float]:
    """What several reasons together make of each entity; what one does not name it leaves."""
    ids = {id: None for one in factors for id in one}
    return {id: math.prod(one.get(id, 1.0) for one in factors) for id in ids}


def pinned(ranked: Sequence[Candidate], pins: Mapping[str, int]) -> list[Candidate]:
    """``ranked`` with those that have a pin at their positions, as far as they are there."""
    there = {one.id: one for one in ranked if one.id in pins}
    if not there:
        return list(ranked)
    order = [one for one in ranked if one.id not in there]
    for id in sorted(there, key=lambda id: pins[id]):  # stable: the first rule's first
        order.insert(pins[id] - 1, there[id])
    return order
