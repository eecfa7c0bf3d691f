"""Fit an adapter: closed form first, then contrastive steps, and only if it helps.

The start is ridge regression of what is missing, W₀ = (XᵀωX/Σω + μI)⁻¹ Xᵀω(D − X)/Σω; what follows
is InfoNCE with in-batch negatives: van den Oord, Li, Vinyals, "Representation Learning with
Contrastive Predictive Coding", 2018. In our own offline study hard and random negatives hurt where
many entities are relevant, and clicks did not show it; so there are none.

Whether it helps is told by cross-validation: each query's pairs are judged by a map that was fitted
without that query.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.adapter.pairs import Pairs
from bandit_service.adapter.residual import Adapter, Numbers, unit

RIDGES: Final = (0.1, 0.03, 0.01, 0.003, 0.001)
SCALE: Final = 20.0
BATCH: Final = 128
STEPS: Final = 150
CHECKED_EVERY: Final = 5
PATIENCE: Final = 4
FOLDS: Final = 5
SURE: Final = 2.33
"""Standard errors by which it must help: one-sided .05, over the five ridges that one was chosen
from."""
SURE_OF_BOTH: Final = 2.58
"""The same over ten starts, where predicted pairs may be among those to fit on."""
WORTH: Final = 0.25
"""What predicted pairs weigh together, against all that people chose."""
LEAST: Final = 30
"""Queries without which nothing is fitted."""
_RATE, _DECAY = 2e-4, 0.1
_BETA1, _BETA2, _SMALL = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Fitted:
    """``gain``: by how much the mean reciprocal rank of what was chosen, among all entities of the
    pairs, grew on queries that were left out, and ``error`` its standard error. ``adapter`` is None
    where it did not grow by more than chance: then there is none."""

    adapter: Adapter | None
    gain: float
    error: float = 0.0
    ridge: float = 0.0
    steps: int = 0
    predicted: bool = False


def fit(pairs: Pairs, encoder: str, predicted: Pairs | None = None, *, seed: int = 7) -> Fitted:
    """Judge by queries left out in turn, and fit again on everything as judged best.

    Pairs that were ``predicted`` are fitted on as well where that helps; nothing is judged by them.
    The same pairs, the same adapter."""
    number = {key: at for at, key in enumerate(dict.fromkeys(pairs.keys))}
    if len(number) < LEAST:
        return Fitted(None, 0.0)
    judging = _Judging(pairs, np.array([number[key] for key in pairs.keys]))
    known = {False: [pairs.some(judging.folds != fold) for fold in range(FOLDS)]}
    if predicted is not None:
        known[True] = [some.joined(predicted, WORTH) for some in known[False]]
    starts = {
        (both, ridge): maps
        for both in known
        for ridge, *maps in zip(
            RIDGES, *(closed_forms(some, RIDGES) for some in known[both]), strict=True
        )
    }
    both, ridge = max(starts, key=lambda one: (judging.mean(judging.reached(starts[one])), one))
    best, steps, idle = judging.reached(starts[both, ridge]), 0, 0
    walks = [
        _Walk(start, some, seed)
        for start, some in zip(starts[both, ridge], known[both], strict=True)
    ]
    for step in range(CHECKED_EVERY, STEPS + 1, CHECKED_EVERY):
        for walk in walks:
            walk.go(CHECKED_EVERY)
        now = judging.reached([walk.weights for walk in walks])
        better = judging.mean(now) > judging.mean(best)
        best, steps, idle = (now, step, 0) if better else (best, steps, idle + 1)
        if idle >= PATIENCE:
            break
    gain, error = judging.gain(best)
    if gain <= (SURE if predicted is None else SURE_OF_BOTH) * error:
        return Fitted(None, gain, error, ridge, steps, both)
    every = pairs.joined(predicted, WORTH) if predicted is not None and both else pairs
    final = _Walk(closed_form(every, ridge), every, seed)
    final.go(steps)
    return Fitted(Adapter(final.weights, encoder), gain, error, ridge, steps, both)


class _Judging:
    """``folds`` says which map judges a pair: the one that was fitted without its query, of which
    ``queries`` has the number."""

    def __init__(self, pairs: Pairs, queries: NDArray[np.int64]) -> None:
        self.folds = queries % FOLDS
        self._queries = queries
        self._shelf = _shelf(pairs)
        self._share = pairs.weights / pairs.weights.sum()
        self._judged = [
            (self.folds == fold, pairs.some(self.folds == fold)) for fold in range(FOLDS)
        ]

    def reached(self, maps: Sequence[Numbers]) -> Numbers:
        """The reciprocal rank of every pair by the map of its fold."""
        found = np.zeros(len(self._share))
        for weights, (rows, judged) in zip(maps, self._judged, strict=True):
            found[rows] = reciprocal_ranks(weights, judged, self._shelf)
        return found

    def mean(self, ranks: Numbers) -> float:
        """Each pair as it weighs."""
        return float(self._share @ ranks)

    def gain(self, ranks: Numbers) -> tuple[float, float]:
        """The mean of what ``ranks`` are above those without a map, and its standard error: queries
        are independent of each other, the pairs of one are not."""
        side = self._judged[0][1].queries.shape[1]
        more = ranks - self.reached([np.zeros((side, side))] * FOLDS)
        mean = self.mean(more)
        by_query = np.bincount(self._queries, self._share * (more - mean))
        return mean, math.sqrt(float(by_query @ by_query))


def closed_form(pairs: Pairs, ridge: float) -> Numbers:
    """W₀ (dimensions, dimensions): also the start from predicted queries, before any choice."""
    (found,) = closed_forms(pairs, (ridge,))
    return found


def closed_forms(pairs: Pairs, ridges: Sequence[float]) -> list[Numbers]:
    """W₀ by each of ``ridges``: what it is solved from is summed once."""
    share = pairs.weights / pairs.weights.sum()
    weighted = pairs.queries.T * share
    left, right = weighted @ pairs.queries, weighted @ (pairs.entities - pairs.queries)
    one = np.eye(pairs.queries.shape[1])
    return [np.linalg.solve(left + ridge * one, right) for ridge in ridges]


def reciprocal_ranks(weights: Numbers, pairs: Pairs, shelf: Numbers) -> Numbers:
    """Of each pair's entity among ``shelf`` (every entity once), by cosine with the mapped query.

    Not the likelihood: at a fixed scale that grows already where all cosines shrink.
    """
    mapped = unit(pairs.queries + pairs.queries @ weights)
    own = np.einsum("ij,ij->i", mapped, pairs.entities)
    # Itself is on the shelf, and may come out a little nearer by rounding.
    before = (mapped @ shelf.T > own[:, None] + 1e-9).sum(1)
    found: Numbers = 1 / (1.0 + before)
    return found


def _shelf(pairs: Pairs) -> Numbers:
    first = {id: at for at, id in reversed(list(enumerate(pairs.ids)))}
    return pairs.entities[sorted(first.values())]


class _Walk:
    """AdamW (Loshchilov, Hutter, ICLR 2019) on the weights, batch after batch."""

    def __init__(self, start: Numbers, pairs: Pairs, seed: int) -> None:
        self.weights = start.copy()
        self._pairs = pairs
        self._ids = np.unique(np.array(pairs.ids), return_inverse=True)[1]
        self._dice = np.random.default_rng(seed)
        self._mean = np.zeros_like(start)
        self._square = np.zeros_like(start)
        self._step = 0

    def go(self, steps: int) -> None:
        """So many steps on."""
        count = len(self._pairs.weights)
        for _ in range(steps):
            rows = self._dice.choice(count, min(BATCH, count), replace=False)
            slope = self._slope(rows)
            self._step += 1
            self._mean = _BETA1 * self._mean + (1 - _BETA1) * slope
            self._square = _BETA2 * self._square + (1 - _BETA2) * slope**2
            mean = self._mean / (1 - _BETA1**self._step)
            square = self._square / (1 - _BETA2**self._step)
            self.weights -= _RATE * (mean / (np.sqrt(square) + _SMALL) + _DECAY * self.weights)

    def _slope(self, rows: NDArray[np.int64]) -> Numbers:
        """The gradient of the weighted InfoNCE loss of a batch."""
        asked, there = self._pairs.queries[rows], self._pairs.entities[rows]
        share = self._pairs.weights[rows] / self._pairs.weights[rows].sum()
        moved = asked + asked @ self.weights
        length = np.linalg.norm(moved, axis=1, keepdims=True)
        mapped = moved / np.where(length > 0, length, 1.0)
        odds = SCALE * mapped @ there.T
        # The same entity again is no negative.
        same = self._ids[rows][:, None] == self._ids[rows][None, :]
        odds = np.where(same & ~np.eye(len(rows), dtype=bool), -np.inf, odds)
        chance = np.exp(odds - odds.max(1, keepdims=True))
        chance /= chance.sum(1, keepdims=True)
        pull = SCALE * ((chance - np.eye(len(rows))) * share[:, None]) @ there
        pull -= mapped * np.einsum("ij,ij->i", mapped, pull)[:, None]
        slope: Numbers = asked.T @ (pull / np.where(length > 0, length, 1.0))
        return slope
