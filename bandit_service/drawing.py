"""Draw: carry a decision out, and ask others where what was chosen brings nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bandit_service.choosing import Choosing
from bandit_service.lanes import LATE, Lanes
from plugin.blending.base import Blender
from plugin.errors import LtrrError, NodeLate, Unavailable
from plugin.model import Candidate, Choice, Decision, Hit, Query, Retrieved
from plugin.rewriting import rewrite
from plugin.strategies import Strategy

SEEDS = 10
"""How many of the first hop's best the second hop starts from."""

log = logging.getLogger(__name__)


class Drawing:
    """Gets candidates from the strategies. Safe to share between threads."""

    def __init__(
        self,
        lanes: Lanes,
        name: Callable[[str], str],
        type_field: str,
        choosing: Choosing,
        blender: Blender,
        relations: Callable[[Sequence[Hit]], Sequence[Hit]] | None = None,
    ) -> None:
        """``name``: of something of ours in the cluster; ``relations``: what entities point to,
        None where they point to nothing."""
        self._lanes = lanes
        self._breakers = lanes.breakers
        self._name = name
        self._blender = blender
        self._type_field = type_field
        self._choosing = choosing
        self._relations = relations

    def draw(
        self,
        query: Query,
        decision: Decision,
        strategies: Sequence[Strategy],
        trouble: list[str],
    ) -> list[Retrieved]:
        """What the decision's strategies bring; where that is nothing, what the others bring too.

        Those of the second stage are asked last: they start from the best of what came before.

        ``strategies`` are those that are eligible, whatever their circuits: before a page is
        refused, those that failed lately are asked as well. What fails is added to ``trouble``.

        Raises:
            Unavailable: OpenSearch does not answer, or every strategy failed.
        """
        late: Sequence[Choice] = ()
        hangs: NodeLate | None = None
        try:
            retrieved = self._carry_out(query, decision, strategies, trouble)
        except NodeLate as error:
            late, hangs = decision.included, error
            # Perhaps only what was chosen hangs: one of the others may still make the page.
            log.warning("all that was chosen is late: %s", error.message)
            retrieved = _late(decision.included, trouble)
        tried = {choice.strategy for choice in decision.included}
        others = [strategy for strategy in strategies if strategy.name not in tried]
        working = [one for one in others if self._breakers.state(one.name) == "closed"]
        if working and not _brought(retrieved):
            second = self._choosing.uniform(working)
            retrieved += self._carry_out(query, second, strategies, trouble)
        if _brought(retrieved):
            self._lanes.blame(late)
        failing = [one for one in others if one not in working]
        if failing and not _brought(retrieved) and all(result.error for result in retrieved):
            last = self._choosing.uniform(failing)
            retrieved += self._carry_out(query, last, strategies, trouble)
        else:
            self._try_out(query, failing, retrieved)
        if retrieved and all(result.error and not result.hits for result in retrieved):
            if hangs is not None:
                raise hangs
            raise Unavailable(
                f"every strategy failed, {retrieved[0].strategy} with: {retrieved[0].error}. "
                "`ltrr plan` shows whether the cluster holds what it should."
            )
        return retrieved

    def _try_out(
        self, query: Query, strategies: Sequence[Strategy], retrieved: Sequence[Retrieved]
    ) -> None:
        """The trial of a strategy with an open circuit, if one is due; nobody waits for it."""
        hits = next((result.hits for result in retrieved if result.hits), ())
        seeds = [Hit(hit.id, 1.0) for hit in hits[:SEEDS]]
        # A second hop from nothing would be no trial.
        strategy = self._breakers.trial(one for one in strategies if seeds or one.stage == 1)
        if strategy is None:
            return
        (choice,) = self._choosing.uniform([strategy]).included
        lines = rewrite(query, [choice], [strategy], self._name, self._type_field, seeds)
        self._lanes.try_out(lines, choice, query.filters)

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
            pointed = self._pointed_at(hop, strategies, seeds, trouble)
            try:
                retrieved += self._ask(query, hop, strategies, trouble, seeds, pointed)
            except NodeLate:  # there is a page without it
                self._lanes.blame(hop)
                retrieved += _late(hop, trouble)
        return retrieved

    def _pointed_at(
        self,
        hop: Sequence[Choice],
        strategies: Sequence[Strategy],
        seeds: Sequence[Hit],
        trouble: list[str],
    ) -> Sequence[Hit]:
        """What the seeds point to, where somebody asks for it."""
        chosen = {choice.strategy for choice in hop}
        asking = (one for one in strategies if one.name in chosen and "pointed_at" in one.reads)
        if self._relations is None or not any(asking):
            return ()
        try:
            return self._relations(seeds)
        except LtrrError as error:
            log.warning("relations: %s", error.message)
            trouble.append(f"relations: {error.message}")
            return ()

    def _ask(
        self,
        query: Query,
        choices: Sequence[Choice],
        strategies: Sequence[Strategy],
        trouble: list[str],
        seeds: Sequence[Hit] = (),
        pointed: Sequence[Hit] = (),
    ) -> list[Retrieved]:
        lines = rewrite(query, choices, strategies, self._name, self._type_field, seeds, pointed)
        retrieved = self._lanes.retrieve(lines, choices, query.filters)
        for result in retrieved:
            if result.error:
                log.warning("strategy %s: %s", result.strategy, result.error)
                trouble.append(f"{result.strategy}: {result.error}")
        return retrieved


def _brought(retrieved: Sequence[Retrieved]) -> bool:
    return any(result.hits for result in retrieved)


def _late(choices: Sequence[Choice], trouble: list[str]) -> list[Retrieved]:
    """What comes of strategies that did not answer in time."""
    trouble += [f"{one.strategy}: {LATE}" for one in choices]
    return [Retrieved(one.strategy, error=LATE) for one in choices]


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


def sides(
    blender: Blender,
    retrieved: Sequence[Retrieved],
    rivals: Mapping[str, Decision],
    candidates: Sequence[Candidate],
) -> dict[str, list[Candidate]]:
    """What each of the ``rivals`` would rank by itself of the page's ``candidates``: what its own
    strategies brought, as deep as it asked them, by its own weights; and what no strategy brought.

    Empty where the strategies of one brought nothing: then there is nothing to compare.
    """
    there = {one.id: one for one in candidates}
    asked = {result.strategy for result in retrieved}
    others = [one for one in candidates if asked.isdisjoint(p.strategy for p in one.provenance)]
    found = {}
    for name, decision in rivals.items():
        deep = {choice.strategy: choice.candidates for choice in decision.included}
        own = [
            replace(result, hits=result.hits[: deep[result.strategy]])
            for result in retrieved
            if result.strategy in deep
        ]
        brought = [
            there[one.id]._replace(score=one.score)
            for one in blended(blender, own, decision)
            if one.id in there
        ]
        if not brought:
            return {}
        found[name] = [*brought, *others]
    return found
