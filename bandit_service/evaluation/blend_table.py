"""All that static blends of recorded queries can do, as arrays: one weight vector, one nDCG@10.

The same sums as :mod:`plugin.blending` makes one query at a time (a test holds them together), for
hundreds of queries at once, so that thousands of weightings can be tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.ndcg import CUT, DISCOUNTS, ideal
from bandit_service.evaluation.recordings import Recorded, Recording
from plugin.blending.minmax import LEAST

Method = Literal["minmax", "rrf"]
METHODS: Final[tuple[Method, ...]] = ("minmax", "rrf")
STATIC_DEPTH: Final = 50
"""Candidates that a static blend draws from each strategy."""
_K: Final = 60
_DISCOUNTS: Final = np.concatenate([[0.0], DISCOUNTS, [0.0]]).astype(np.float32)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlendTable:
    """``shares[method]`` is strategies × queries × candidates: what each strategy would add to each
    candidate at a weight of 1, 0 where it did not bring it. Candidates of a query stand in the
    order in which ties are broken. The judged ones with a gain are listed in ``where`` (rows of
    query and candidate), ``gains`` over the query's ideal DCG. ``drawn`` (strategies × queries)
    counts what each strategy brought, ``counts`` how often each query counts in means."""

    strategies: tuple[str, ...]
    shares: Mapping[Method, Floats]
    where: NDArray[np.int64]
    gains: Floats
    drawn: NDArray[np.int64]
    counts: Floats

    @property
    def queries(self) -> int:
        """How many queries."""
        return int(self.drawn.shape[1])

    def scores(self, method: Method, weights: NDArray[np.floating]) -> Floats:
        """Queries × candidates: the blended scores, 0 where there is no candidate."""
        return np.tensordot(weights.astype(np.float32), self.shares[method], 1)

    def gained(self, scores: Floats) -> Floats:
        """nDCG@10 of every query by these scores."""
        # What counts is where the judged candidates stand, and few are judged: counting who
        # stands above each of them is quicker than sorting.
        rows, columns = self.where[:, 0], self.where[:, 1]
        beside = scores[rows]
        own = scores[rows, columns][:, None]
        # A candidate that no weighted strategy brought is not in the blend at all.
        ranks = 1 + (beside > own).sum(axis=1)
        earlier = np.arange(scores.shape[1])[None, :] < columns[:, None]
        ranks += ((beside == own) & earlier).sum(axis=1)
        ranks[own[:, 0] <= 0] = CUT + 1
        gained = self.gains * _DISCOUNTS[np.minimum(ranks, CUT + 1)]
        return np.bincount(rows, gained, self.queries).astype(np.float32)

    def ndcg(self, method: Method, weights: NDArray[np.floating]) -> float:
        """Mean nDCG@10 of a weighting."""
        return self.mean(self.scores(method, weights))

    def mean(self, scores: Floats) -> float:
        """Mean nDCG@10 of the queries by these scores, each as often as it counts."""
        return float(self.gained(scores) @ self.counts / self.counts.sum())


def blend_table(
    recording: Recording,
    judged: Sequence[Judged],
    strategies: Sequence[str],
    counts: Sequence[float] | None = None,
    depth: int = STATIC_DEPTH,
) -> BlendTable:
    """The table of ``judged`` over the first ``depth`` of each of ``strategies``; each query counts
    once unless ``counts`` says otherwise."""
    rows = [_row(recording.query(one.id), recording, strategies, depth) for one in judged]
    most = max((len(names) for names, _, _ in rows), default=0)
    shape = (len(strategies), len(judged), max(1, most))
    minmax, rrf = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    drawn = np.zeros(shape[:2], np.int64)
    where: list[tuple[int, int]] = []
    gains: list[float] = []
    for at, (one, (names, scaled, ranks)) in enumerate(zip(judged, rows, strict=True)):
        minmax[:, at, : len(names)] = scaled
        present = ranks > 0
        rrf[:, at, : len(names)][present] = 1 / (_K + ranks[present])
        drawn[:, at] = present.sum(axis=1)
        best = ideal(one.grades)
        for column, name in enumerate(names):
            if one.grades.get(name, 0) > 0:
                where.append((at, column))
                gains.append(one.grades[name] / best)
    return BlendTable(
        tuple(strategies),
        {"minmax": minmax, "rrf": rrf},
        np.asarray(where, np.int64).reshape(-1, 2),
        np.asarray(gains, np.float32),
        drawn,
        np.ones(len(judged), np.float32) if counts is None else np.asarray(counts, np.float32),
    )


def _row(
    one: Recorded, recording: Recording, strategies: Sequence[str], depth: int
) -> tuple[list[str], Floats, NDArray[np.int64]]:
    """Candidates in the order of ties, and per strategy their scaled scores and ranks (0: none)."""
    names = recording.entities
    rows = {name: at for at, name in enumerate(one.eligible)}
    best: dict[int, int] = {}
    for name in strategies:
        if name in rows:
            for rank, entity in enumerate(one.entities[rows[name], :depth].tolist(), 1):
                if entity >= 0:
                    best[entity] = min(rank, best.get(entity, rank))
    order = sorted(best, key=lambda entity: (best[entity], names[entity]))
    column = {entity: at for at, entity in enumerate(order)}
    scaled = np.zeros((len(strategies), len(order)), np.float32)
    ranks = np.zeros((len(strategies), len(order)), np.int64)
    for at, name in enumerate(strategies):
        if name not in rows:
            continue
        entities = one.entities[rows[name], :depth]
        entities = entities[entities >= 0]
        if not entities.size:
            continue
        scores = one.scores[rows[name], : entities.size].astype(np.float64)
        low, high = scores.min(), scores.max()
        columns = [column[entity] for entity in entities.tolist()]
        scaled[at, columns] = (
            LEAST + (1 - LEAST) * (scores - low) / (high - low) if high > low else 1.0
        )
        ranks[at, columns] = np.arange(1, entities.size + 1)
    return [names[entity] for entity in order], scaled, ranks
