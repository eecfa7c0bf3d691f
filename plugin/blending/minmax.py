"""Convex combination of min-max scaled scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugin.blending.base import join
from plugin.model import Candidate, Hit, Retrieved

LEAST = 0.02
"""What a strategy's last hit gets: to be brought at all is worth more than to be absent (0)."""


class MinMax:
    """score = Σ weight × scaled score, where a strategy's scores are scaled to 0.02 … 1.

    Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023
    (a convex combination of min-max scaled scores); the lower end 0.02 is ours.
    """

    name = "minmax"

    def blend(
        self, retrieved: Sequence[Retrieved], weights: Mapping[str, float]
    ) -> list[Candidate]:
        """See :class:`plugin.blending.base.Blender`."""
        shares = {
            result.strategy: [
                weights.get(result.strategy, 0.0) * scaled for scaled in scale(result.hits)
            ]
            for result in retrieved
        }
        return join(retrieved, shares)


def scale(hits: Sequence[Hit]) -> list[float]:
    """Map the scores of ``hits`` linearly to 0.02 … 1; all of them to 1 where they are equal."""
    if not hits:
        return []
    scores = [hit.score for hit in hits]
    low, high = min(scores), max(scores)
    if high <= low:
        return [1.0] * len(scores)
    return [LEAST + (1.0 - LEAST) * (score - low) / (high - low) for score in scores]
