"""What quality costs: the dial turned down in a world that has learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bandit_service.evaluation.baselines import Tuned, by_kind
from bandit_service.evaluation.blend_table import blend_table
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.world import World
from bandit_service.evaluation.ndcg import ndcg
from bandit_service.evaluation.recordings import DEPTH, Recording
from bandit_service.policies.base import Policy
from bandit_service.policies.settled import Settled

DIAL: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)
KEPT: Final = 0.99
"""Of the quality of all strategies: what is still as good."""


@dataclass(frozen=True, slots=True)
class Spent:
    """At one place of the dial: nDCG@10, and candidates drawn per query."""

    quality: float
    ndcg: float
    candidates: float


def spent(world: World, judged: Sequence[Judged], policy: Policy, quality: float) -> Spent:
    """What ``policy`` reaches and draws without exploration."""
    answers = world.ask(judged, Settled(policy))
    reached = [
        ndcg([hit.candidate.id for hit in answer.shown], one.grades)
        for one, answer in zip(judged, answers, strict=True)
    ]
    drawn = [
        sum(choice.candidates for choice in answer.decision.included)
        for answer in answers
        if answer.decision is not None
    ]
    return Spent(quality, sum(reached) / len(reached), sum(drawn) / len(drawn))


def dial(
    world: World, judged: Sequence[Judged], at_quality: Callable[[float], Policy]
) -> list[Spent]:
    """Every place of the dial, from quality to cost; ``at_quality`` gives the policy that has
    learnt, with its dial set."""
    return [spent(world, judged, at_quality(quality), quality) for quality in DIAL]


def cost(
    everything: Spent,
    places: Sequence[Spent],
    recording: Recording,
    judged: Sequence[Judged],
    tuned: Mapping[str, Tuned],
) -> dict[str, Any]:
    """The cheapest of ``places`` that keeps .99 of what running ``everything`` reaches, and what
    static pairs and triples reach with as many candidates, as shares of the same."""
    enough = [one for one in places if one.ndcg >= KEPT * everything.ndcg] or places[:1]
    best = min(enough, key=lambda one: one.candidates)

    def static(size: int) -> float:
        depth = max(1, min(DEPTH, round(best.candidates / size)))
        total = 0.0
        for kind, queries in by_kind(judged).items():
            known = tuned.get(kind) or next(iter(tuned.values()))
            table = blend_table(recording, queries, known.strategies, depth=depth)
            total += (known.pair if size == 2 else known.triple).ndcg(table) * len(queries)
        return round(total / len(judged) / everything.ndcg, 4)

    def shares(one: Spent) -> dict[str, float]:
        return {
            "candidates_share": round(one.candidates / everything.candidates, 4),
            "quality_kept": round(one.ndcg / everything.ndcg, 4),
        }

    return {
        **shares(best),
        "best_pair": static(2),
        "best_triple": static(3),
        "dial": [{"quality": one.quality, **shares(one)} for one in places],
    }
