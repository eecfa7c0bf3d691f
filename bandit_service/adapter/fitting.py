"""Fit an adapter: closed form first, then contrastive steps, and only if it helps on the latest.

The start is ridge regression of what is missing, W₀ = (XᵀωX/Σω + μI)⁻¹ Xᵀω(D − X)/Σω; what follows
is InfoNCE with in-batch negatives: van den Oord, Li, Vinyals, "Representation Learning with
Contrastive Predictive Coding", 2018. In our own offline study hard and random negatives hurt where
many entities are relevant, and clicks did not show it; so there are none.
"""

from __future__ import annotations

import math
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
LATEST: Final = 0.2
"""The share of queries, the latest ones, that tells whether an adapter helps."""
SURE: Final = 2.33
"""Standard errors by which it must help: one-sided .05, over the five ridges that one was chosen
from. Of 60 fits on pairs of unrelated vectors the largest gain was 2.05 of them."""
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
    pairs, grew on the latest queries, and ``error`` its standard error. ``adapter`` is None where
    it did not grow by more than chance: then there is none."""

    adapter: Adapter | None
    gain: float
    error: float = 0.0
    ridge: float = 0.0
    steps: int = 0
    predicted: bool = False


def fit(pairs: Pairs, encoder: str, predicted: Pairs | None = None, *, seed: int = 7) -> Fitted:
    """Fit on all but the latest queries, judge on these, and fit again on everything as judged.

    Pairs that were ``predicted`` are fitted on as well where that helps; nothing is judged by them.
    The same pairs, the same adapter."""
    keys = list(dict.fromkeys(pairs.keys))
    if len(keys) < LEAST:
        return Fitted(None, 0.0)
    latest = set(keys[int(len(keys) * (1 - LATEST)) :])
    late = np.array([key in latest for key in pairs.keys])
    early, judged = pairs.some(~late), pairs.some(late)
    shelf = _shelf(pairs)
    share = judged.weights / judged.weights.sum()

    def reached(weights: Numbers) -> Numbers:
        return reciprocal_ranks(weights, judged, shelf)

    known = {False: early}
    if predicted is not None:
        known[True] = early.joined(predicted, WORTH)
    starts = {(both, ridge): closed_form(known[both], ridge) for both in known for ridge in RIDGES}
    both, ridge = max(starts, key=lambda one: (float(share @ reached(starts[one])), one))
    best, steps, idle = reached(starts[both, ridge]), 0, 0
    walk = _Walk(starts[both, ridge], known[both], seed)
    for step in range(CHECKED_EVERY, STEPS + 1, CHECKED_EVERY):
        walk.go(CHECKED_EVERY)
        now = reached(walk.weights)
        better = float(share @ (now - best)) > 0
        best, steps, idle = (now, step, 0) if better else (best, steps, idle + 1)
        if idle >= PATIENCE:
            break
    more = best - reached(np.zeros_like(starts[both, ridge]))
    gain = float(share @ more)
    error = math.sqrt(float(share**2 @ (more - gain) ** 2))
    if gain <= (SURE if predicted is None else SURE_OF_BOTH) * error:
        return Fitted(None, gain, error, ridge, steps, both)
    every = pairs.joined(predicted, WORTH) if predicted is not None and both else pairs
    final = _Walk(closed_form(every, ridge), every, seed)
    final.go(steps)
    return Fitted(Adapter(final.weights, encoder), gain, error, ridge, steps, both)


def closed_form(pairs: Pairs, ridge: float) -> Numbers:
    """W₀ (dimensions, dimensions): also the start from predicted queries, before any choice."""
    share = pairs.weights / pairs.weights.sum()
    weighted = pairs.queries.T * share
    left = weighted @ pairs.queries + ridge * np.eye(pairs.queries.shape[1])
    found: Numbers = np.linalg.solve(left, weighted @ (pairs.entities - pairs.queries))
    return found


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
