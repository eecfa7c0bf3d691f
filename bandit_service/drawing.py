"""Draw: carry a decision out, and ask others where what was chosen brings nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bandit_service.choosing import Choosing
from plugin.blending.base import Blender
from plugin.cluster import Cluster
from plugin.errors import Unavailable
from plugin.model import Candidate, Choice, Decision, Hit, Query, Retrieved
from plugin.retrieval import retrieve
from plugin.rewriting import rewrite
from plugin.strategies import Strategy

SEEDS = 10
"""How many of the first hop's best the second hop starts from."""

log = logging.getLogger(__name__)


class Drawing:
    """Gets candidates from the strategies. Safe to share between threads."""

    def __init__(
        self,
        cluster: Cluster,
        type_field: str,
        choosing: Choosing,
        blender: Blender,
        *,
        budget_s: float,
    ) -> None:
        self._blender = blender
        self._cluster = cluster
        self._type_field = type_field
        self._choosing = choosing
        self._budget_s = budget_s

    def draw(
        self,
        query: Query,
        decision: Decision,
        strategies: Sequence[Strategy],
        trouble: list[str],
    ) -> list[Retrieved]:
        """What the decision's strategies bring; where that is nothing, what the others bring too.

        Those of the second stage are asked last: they start from the best of what came before.

        ``strategies`` are those that are eligible. What fails is added to ``trouble`` by name.

        Raises:
            Unavailable: OpenSearch does not answer, or every strategy failed.
        """
        retrieved = self._carry_out(query, decision, strategies, trouble)
        if any(result.hits for result in retrieved):
            return retrieved
        tried = {choice.strategy for choice in decision.included}
        others = [strategy for strategy in strategies if strategy.name not in tried]
        if others:
            second = self._choosing.uniform(others)
            retrieved += self._carry_out(query, second, strategies, trouble)
        if retrieved and all(result.error and not result.hits for result in retrieved):
            raise Unavailable(
                f"every strategy failed, {retrieved[0].strategy} with: {retrieved[0].error}. "
                "`ltrr plan` shows whether the cluster holds what it should."
            )
        return retrieved

    def _carry_out(
        self,
        query: Query,
        decision: Decision,
        strategies: Sequence[Strategy],
        trouble: list[str],
    ) -> list[Retrieved]:
        second = {strategy.name for strategy in strategies if strategy.stage == 2}
        first = [choice for choice in decision.included if choice.strategy not in second]
        hop = [choice for choice in decision.included if choice.strategy in second]
        retrieved = self._ask(query, first, strategies, trouble)
        if hop and (seeds := _seeds(blended(self._blender, retrieved, decision))):
            retrieved += self._ask(query, hop, strategies, trouble, seeds)
        return retrieved

    def _ask(
        self,
        query: Query,
        choices: Sequence[Choice],
        strategies: Sequence[Strategy],
        trouble: list[str],
        seeds: Sequence[Hit] = (),
    ) -> list[Retrieved]:
        lines = rewrite(query, choices, strategies, self._cluster.name, self._type_field, seeds)
        retrieved = retrieve(
            self._cluster, lines, choices, filters=query.filters, timeout_s=self._budget_s
        )
        for result in retrieved:
            if result.error:
                log.warning("strategy %s: %s", result.strategy, result.error)
                trouble.append(f"{result.strategy}: {result.error}")
        return retrieved


def _seeds(union: Sequence[Candidate]) -> list[Hit]:
    """The best of ``union`` with scores in 0..1, what is first having 1."""
    best = union[:SEEDS]
    top = best[0].score if best else 0.0
    return [Hit(one.id, one.score / top if top > 0 else 1.0) for one in best]


def blended(
    blender: Blender, retrieved: Sequence[Retrieved], decision: Decision
) -> list[Candidate]:
    """The union by the decision's weights; equally where only strategies beyond it brought any."""
    weights = {choice.strategy: choice.weight for choice in decision.included}
    if not any(weights.get(result.strategy) for result in retrieved if result.hits):
        weights = {result.strategy: 1 / len(retrieved) for result in retrieved}
    return blender.blend(retrieved, weights)
