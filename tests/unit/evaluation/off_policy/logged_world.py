"""A world whose truth is known: two kinds of query, five strategies, a logger and its rivals.

A page earns something by itself, and each strategy that runs adds its share; with ``synergy`` two
of them add more together than alone, which no sum can tell.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from bandit_service.evaluation.off_policy.logged import Logged
from bandit_service.policies.base import Eligible, Features
from bandit_service.policies.inclusion import draw, probability, with_fallback
from plugin.model import ArmChances

NAMES = ("dense", "exact", "fuzzy", "lexical", "memory")
ADDS = {
    "short": {"dense": 0.05, "exact": 0.25, "fuzzy": 0.05, "lexical": 0.1, "memory": 0.2},
    "long": {"dense": 0.3, "exact": 0.0, "fuzzy": -0.05, "lexical": 0.1, "memory": 0.1},
}
ITSELF = 0.1
QUERIES_A_SESSION = 3


@dataclass(frozen=True)
class Mixed:
    """A policy by its probabilities for each kind of query."""

    learned: Mapping[str, Mapping[str, float]]
    everything: float = 0.0
    fallback: str | None = None

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        chances = dict(self.learned[kind_of(context)])
        if self.fallback is not None:
            chances = with_fallback(chances, self.fallback)
        arms = (
            ArmChances("learned", 1 - self.everything, chances, self.fallback),
            ArmChances("everything", self.everything, dict.fromkeys(NAMES, 1.0)),
        )
        return tuple(arm for arm in arms if arm.probability > 0)


def always(**chances: float) -> Mixed:
    """The same for both kinds; what is not named never runs."""
    whole = {name: chances.get(name, 0.0) for name in NAMES}
    return Mixed({"short": whole, "long": whole})


LOGGER = Mixed(
    {
        "short": {"dense": 0.3, "exact": 0.9, "fuzzy": 0.2, "lexical": 0.5, "memory": 0.7},
        "long": {"dense": 0.8, "exact": 0.2, "fuzzy": 0.2, "lexical": 0.5, "memory": 0.4},
    },
    everything=0.05,
    fallback="memory",
)
RIVALS = {
    "greedy": Mixed(
        {
            "short": {"dense": 0.1, "exact": 0.95, "fuzzy": 0.1, "lexical": 0.6, "memory": 0.9},
            "long": {"dense": 0.95, "exact": 0.1, "fuzzy": 0.1, "lexical": 0.6, "memory": 0.6},
        }
    ),
    "wrong": Mixed(
        {
            "short": {"dense": 0.6, "exact": 0.6, "fuzzy": 0.4, "lexical": 0.3, "memory": 0.4},
            "long": {"dense": 0.5, "exact": 0.4, "fuzzy": 0.4, "lexical": 0.3, "memory": 0.3},
        }
    ),
    "everything": always(dense=1.0, exact=1.0, fuzzy=1.0, lexical=1.0, memory=1.0),
    "lexical": always(lexical=1.0, fuzzy=0.3, dense=0.2, exact=0.4, memory=0.2),
    "hybrid": always(lexical=1.0, dense=0.9, exact=0.5, memory=0.5),
}


def kind_of(context: Features) -> str:
    return "long" if context["long"] else "short"


def expected(kind: str, included: frozenset[str], synergy: float = 0.0) -> float:
    """The mean reward of a page."""
    together = synergy * ({"exact", "memory"} <= included)
    return ITSELF + sum(ADDS[kind][name] for name in included) + together


def truth(policy: Mixed, synergy: float = 0.0) -> float:
    """The value of a policy, over all subsets; both kinds are equally frequent."""
    total = 0.0
    for kind in ADDS:
        for chosen in product((False, True), repeat=len(NAMES)):
            subset = frozenset(n for n, runs in zip(NAMES, chosen, strict=True) if runs)
            for arm in policy.arms({"long": float(kind == "long")}, {}):
                chance = arm.probability * probability(arm, subset)
                total += 0.5 * chance * expected(kind, subset, synergy)
    return total


def log(queries: int, seed: int, *, synergy: float = 0.0, logger: Mixed = LOGGER) -> list[Logged]:
    """What the logger did, and whether people chose; moods are shared by a session's queries."""
    rng = random.Random(seed)
    examples = []
    for at in range(queries):
        if at % QUERIES_A_SESSION == 0:
            mood = rng.uniform(-0.1, 0.1)
            kind = rng.choice(("short", "long"))
        context = {"tokens": 0.1, "long": float(kind == "long")}
        arms = logger.arms(context, {})
        (arm,) = rng.choices(arms, [one.probability for one in arms])
        included = frozenset(draw(arm, rng))
        chance = expected(kind, included, synergy) + mood
        examples.append(
            Logged(
                session=f"s{at // QUERIES_A_SESSION}",
                context=context,
                strategies={name: {} for name in NAMES},
                values=dict.fromkeys(NAMES, 0.5),
                arms=arms,
                included=included,
                reward=float(rng.random() < chance),
            )
        )
    return examples
