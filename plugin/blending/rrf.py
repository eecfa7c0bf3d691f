"""Weighted reciprocal rank fusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugin.blending.base import join
from plugin.model import Candidate, Retrieved


class ReciprocalRank:
    """score = Σ weight / (k + rank), over the strategies that brought the entity.

    Ranks alone count, so strategies whose scores have nothing in common can be joined.
    Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
    Rank Learning Methods", SIGIR 2009, with k = 60 as there; the weights are ours.
    """

    name = "rrf"

    def __init__(self, k: int = 60) -> None:
        self.k = k

    def blend(
        self, retrieved: Sequence[Retrieved], weights: Mapping[str, float]
    ) -> list[Candidate]:
        """See :class:`plugin.blending.base.Blender`."""
        shares = {
            result.strategy: [
                weights.get(result.strategy, 0.0) / (self.k + rank)
                for rank in range(1, len(result.hits) + 1)
            ]
            for result in retrieved
        }
        return join(retrieved, shares)
