"""Static weights as good as judgments can make them: the bars that learning is held against.

Coordinate ascent on nDCG@10 (Metzler and Croft, "Linear feature-based models for information
retrieval", 2007) from several starts, over a grid first and in finer and finer steps then. No
chance is involved: the same judgments give the same weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.evaluation.blend_table import METHODS, BlendTable, Method

_GRID: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.2, 3.3, 5.0)
_STEPS: Final = ((0.5, 0.7, 0.85, 1.2, 1.45, 2.0), (0.8, 0.9, 0.95, 1.05, 1.1, 1.25))
_ENOUGH: Final = 1e-5
_ROUNDS: Final = 6
_KEPT_PAIRS: Final = 12
"""How many of the best pairs are tried with every third strategy."""
_RATIOS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Static:
    """A static blend: its weights in the order of the table's strategies, and what it reached
    (mean nDCG@10) on the queries that it was tuned on."""

    method: Method
    weights: tuple[float, ...]
    tuned: float

    @property
    def array(self) -> Weights:
        """The weights for a table."""
        return np.asarray(self.weights)

    def ndcg(self, table: BlendTable) -> float:
        """Mean nDCG@10 on the queries of ``table``."""
        return table.ndcg(self.method, self.array)

    def used(self, table: BlendTable) -> tuple[str, ...]:
        """The strategies with a weight."""
        return tuple(
            name for name, weight in zip(table.strategies, self.weights, strict=True) if weight > 0
        )


def uniform(table: BlendTable, method: Method = "minmax") -> Static:
    """Everything, equally."""
    weights = np.ones(len(table.strategies))
    return Static(method, tuple(weights), table.ndcg(method, weights))


def singles(table: BlendTable) -> dict[str, Static]:
    """Each strategy alone."""
    unit = np.eye(len(table.strategies))
    return {
        name: Static("minmax", tuple(unit[at]), table.ndcg("minmax", unit[at]))
        for at, name in enumerate(table.strategies)
    }


def tune(table: BlendTable, methods: Sequence[Method] = METHODS) -> Static:
    """The best weights over all strategies, by the better of ``methods``."""
    found = [_ascend(table, method, start) for method in methods for start in _starts(table)]
    return max(found, key=lambda one: one.tuned)


def tune_subset(table: BlendTable, size: int, methods: Sequence[Method] = METHODS) -> Static:
    """The best pair (``size`` 2) or triple (3), with its best weights."""
    pairs = sorted(_pairs(table, methods), key=lambda one: -one.tuned)
    if size == 2:
        return max((_refine(table, one) for one in pairs[:_KEPT_PAIRS]), key=lambda one: one.tuned)
    triples = []
    for pair in pairs[:_KEPT_PAIRS]:
        base = np.asarray(pair.weights)
        for at in np.flatnonzero(base == 0):
            third = base.copy()
            third[at] = base.max() / 2
            triples.append(Static(pair.method, tuple(third), table.ndcg(pair.method, third)))
    triples.sort(key=lambda one: -one.tuned)
    return max((_refine(table, one) for one in triples[:_KEPT_PAIRS]), key=lambda one: one.tuned)


def _starts(table: BlendTable) -> Iterator[Weights]:
    alone = np.asarray([one.tuned for one in singles(table).values()])
    yield np.ones(len(table.strategies))
    yield (alone / max(1e-9, alone.max())) ** 2
    yield np.eye(len(table.strategies))[int(alone.argmax())]


def _pairs(table: BlendTable, methods: Sequence[Method]) -> Iterator[Static]:
    for one, other in combinations(range(len(table.strategies)), 2):
        for method in methods:
            tried = []
            for ratio in _RATIOS:
                weights = np.zeros(len(table.strategies))
                weights[one], weights[other] = 1.0, ratio
                tried.append(Static(method, tuple(weights), table.ndcg(method, weights)))
            yield max(tried, key=lambda each: each.tuned)


def _refine(table: BlendTable, start: Static) -> Static:
    """In steps, without bringing in another strategy."""
    weights = np.asarray(start.weights)
    weights, best = _climb(
        table, start.method, weights, start.tuned, _STEPS, np.flatnonzero(weights)
    )
    return Static(start.method, tuple(weights), best)


def _ascend(table: BlendTable, method: Method, start: Weights) -> Static:
    weights = start / start.max()
    best = table.ndcg(method, weights)
    every = range(len(weights))
    for _ in range(_ROUNDS):
        before = best
        for at in every:
            tried = (value for value in _GRID if value != weights[at])
            weights, best = _best_of(table, method, weights, best, at, tried)
        if best - before < _ENOUGH:
            break
        weights = weights / weights.max()
    weights, best = _climb(table, method, weights, best, _STEPS, every)
    return Static(method, tuple(weights / weights.max()), best)


def _climb(
    table: BlendTable,
    method: Method,
    weights: Weights,
    best: float,
    steps: Sequence[Sequence[float]],
    coordinates: Iterable[int],
) -> tuple[Weights, float]:
    coordinates = [int(at) for at in coordinates]
    for factors in steps:
        for _ in range(_ROUNDS):
            before = best
            for at in coordinates:
                tried = [weights[at] * factor for factor in factors if weights[at] > 0]
                weights, best = _best_of(table, method, weights, best, at, tried)
            if best - before < _ENOUGH:
                break
    return weights, best


def _best_of(
    table: BlendTable,
    method: Method,
    weights: Weights,
    best: float,
    at: int,
    tried: Iterable[float],
) -> tuple[Weights, float]:
    """``weights`` with the best of the ``tried`` values at one place; one at least is not 0."""
    others = weights.copy()
    others[at] = 0.0
    rest = np.tensordot(others.astype(np.float32), table.shares[method], 1)
    share = table.shares[method][at]
    for value in tried:
        if value == 0 and not others.any():
            continue
        scores = rest + np.float32(value) * share
        reached = table.mean(scores)
        if reached > best + _ENOUGH / 10:
            weights, best = others.copy(), reached
            weights[at] = value
    return weights, best
