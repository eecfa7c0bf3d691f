"""The ranker of a service that has not learnt to rank yet: the blend's own order."""

from __future__ import annotations

from collections.abc import Sequence

from bandit_service.ranking.base import RankingContext
from plugin.model import Candidate


class BlendOrder:
    """Scores each candidate as the blend did."""

    version = "blend"

    def rank(self, candidates: Sequence[Candidate], context: RankingContext) -> Sequence[float]:
        """See :class:`bandit_service.ranking.base.Ranker`."""
        return [candidate.score for candidate in candidates]

    def explain(
        self,
        candidates: Sequence[Candidate],
        context: RankingContext,
    ) -> list[dict[str, float]]:
        """See :class:`bandit_service.ranking.base.Ranker`."""
        return [{"blend": score} for score in self.rank(candidates, context)]
