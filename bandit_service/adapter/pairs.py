"""Which pairs of query and entity the adapter learns from, and what each weighs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandit_service.adapter.residual import Numbers, unit
from bandit_service.ranking.examples import Examination, Page
from plugin.errors import InvalidRequest

Vectors = Mapping[str, NDArray[np.float32]]
QueryVectors = Callable[[Mapping[str, str]], Vectors]
"""Query key → text, to query key → vector of unit length; what has none is left out."""
EntityVectors = Callable[[Collection[str]], Vectors]
"""Entity ids to id → vector; what has none is left out."""
WORTH = 0.5
"""Of the usual click rate: a pair below that share of it is not learnt from."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Who asked ``query`` (its key) was served by ``entity``, as far as ``weight`` says."""

    query: str
    entity: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """``queries`` and ``entities`` (pairs, dimensions) of unit length, a pair per row, the query
    that was first asked latest at the end; ``keys`` and ``ids`` name them."""

    keys: tuple[str, ...]
    ids: tuple[str, ...]
    queries: Numbers
    entities: Numbers
    weights: Numbers

    def __post_init__(self) -> None:
        sizes = {len(one) for one in (self.keys, self.ids, self.queries, self.entities)}
        if sizes != {len(self.weights)} or self.queries.shape != self.entities.shape:
            raise InvalidRequest("pairs to adapt by do not fit together")
        for numbers in (self.queries, self.entities, self.weights):
            if not bool((np.abs(numbers) < 1e3).all()):
                raise InvalidRequest("a pair to adapt by holds what is not finite, or huge")
        if bool((self.weights <= 0).any()):
            raise InvalidRequest("a pair to adapt by must weigh more than nothing")

    def joined(self, other: Pairs, worth: float) -> Pairs:
        """With those of ``other`` before them, which together weigh ``worth`` times as much."""
        scale = worth * self.weights.sum() / other.weights.sum()
        return Pairs(
            other.keys + self.keys,
            other.ids + self.ids,
            np.concatenate([other.queries, self.queries]),
            np.concatenate([other.entities, self.entities]),
            np.concatenate([other.weights * scale, self.weights]),
        )

    def some(self, rows: Numbers) -> Pairs:
        """Those of ``rows`` (a mask)."""
        at = np.flatnonzero(rows)
        return Pairs(
            tuple(self.keys[one] for one in at),
            tuple(self.ids[one] for one in at),
            self.queries[at],
            self.entities[at],
            self.weights[at],
        )


def with_vectors(chosen: Sequence[Pair], queries: Vectors, entities: Vectors) -> Pairs | None:
    """``chosen`` with the vectors of their queries (by key) and entities (by id); without those
    that lack one, and None where none is left."""
    there = [one for one in chosen if one.query in queries and one.entity in entities]
    if not there:
        return None
    return Pairs(
        tuple(one.query for one in there),
        tuple(one.entity for one in there),
        unit(np.array([queries[one.query] for one in there], np.float64)),
        unit(np.array([entities[one.entity] for one in there], np.float64)),
        np.array([one.weight for one in there]),
    )


def chosen_pairs(pages: Iterable[Page], examination: Examination) -> list[Pair]:
    """The pairs that people chose, by query in the order in which queries were first asked.

    weight = max(0, CTR − ½ p0)², CTR = (Σ grades + p0) / (Σ examination + 1), p0 the click rate
    over everything. Squared, because few clicks on what is often shown are mostly noise: in our
    own offline study 82 of 100 by weight were right then, 66 with weights that are not squared.
    """
    clicks: dict[tuple[str, str], float] = {}
    examined: dict[tuple[str, str], float] = {}
    for page in pages:
        for one in page.shown:
            pair = (page.key, one.entity)
            clicks[pair] = clicks.get(pair, 0.0) + one.grade
            examined[pair] = examined.get(pair, 0.0) + examination(one.position)
    usual = max(0.0, sum(clicks.values())) / max(1.0, sum(examined.values()))
    order = {key: at for at, key in enumerate(dict.fromkeys(key for key, _ in clicks))}
    found = []
    for (key, entity), clicked in clicks.items():
        if not key or clicked <= 0:
            continue
        rate = (clicked + usual) / (examined[key, entity] + 1)
        weight = max(0.0, rate - WORTH * usual) ** 2
        if weight > 0:
            found.append(Pair(key, entity, weight))
    return sorted(found, key=lambda pair: order[pair.query])
