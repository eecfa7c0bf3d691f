"""The ranker of a service that has not learnt to rank yet: the blend's own order."""

from __future__ import annotations

from collections.abc import Sequence

from bandit_service.ranking.pool import Pool


class BlendOrder:
    """Scores each candidate as the blend did."""

    version = "blend"

    def rank(self, pool: Pool) -> Sequence[float]:
        """See :class:`bandit_service.ranking.pool.Ranker`."""
        return [candidate.score for candidate in pool.candidates]

    def explain(self, pool: Pool) -> list[dict[str, float]]:
        """See :class:`bandit_service.ranking.pool.Ranker`."""
        return [{"blend": score} for score in self.rank(pool)]
