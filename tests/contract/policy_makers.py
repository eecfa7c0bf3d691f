"""Every policy there is, and how one is taught: a new policy is one more line in ``POLICIES``."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from bandit_service.policies.base import Policy, ValueModel
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.rules import Thompson
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.policies.vw_explore import VwExplore

ELIGIBLE = {
    "dense": {"family=dense": 1.0, "revision=1": 1.0},
    "lexical": {"family=lexical": 1.0, "revision=2": 1.0},
    "memory": {"family=memory": 1.0, "revision=3": 1.0},
    "typo": {"family=lexical": 1.0, "cost": 0.3, "revision=4": 1.0},
}
COSTLY = {
    name: {**features, "cost": math.log1p(cost) / 4}
    for (name, features), cost in zip(ELIGIBLE.items(), (1.3, 1.0, 0.25, 2.3), strict=True)
}
SHORT = {"tokens": 0.1, "one_token": 1.0}
LONG = {"tokens": 0.9, "sentence": 1.0}
WEIGHTS = {"dense": 1.0, "lexical": 1.0, "memory": 2.0, "typo": 0.0}


def explorer(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration)


def rls(exploration: Exploration | None = None) -> Explorer:
    return Explorer(RlsValueModel(), static(), exploration)


def thompson(exploration: Exploration | None = None) -> Explorer:
    model = RlsValueModel()
    return Explorer(model, static(), exploration, rule=Thompson(model))


def squarecb(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("squarecb"))


def softmax(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("softmax"))


def epsilon(exploration: Exploration | None = None) -> Explorer:
    return Explorer(VwValueModel(), static(), exploration, rule=VwExplore("epsilon"))


def contest(exploration: Exploration | None = None) -> Contest:
    return Contest(
        Entrant("explorer", lambda: explorer(exploration)),
        Entrant("rls", lambda: rls(exploration)),
    )


def static() -> StaticPolicy:
    return StaticPolicy(WEIGHTS, budget=200)


EXPLORERS: dict[str, Callable[[Exploration | None], Explorer]] = {
    "explorer": explorer,
    "rls": rls,
    "thompson": thompson,
    "squarecb": squarecb,
    "softmax": softmax,
    "epsilon": epsilon,
}
POLICIES: dict[str, Callable[[], Policy]] = {**EXPLORERS, "contest": contest, "static": static}
LEARNING: dict[str, Callable[[], Policy | ValueModel]] = {
    "explorer": explorer,
    "vw": VwValueModel,
    "rls": RlsValueModel,
    "thompson": thompson,
    "squarecb": squarecb,
    "softmax": softmax,
    "epsilon": epsilon,
    "contest": contest,
}
every_policy = pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
every_explorer = pytest.mark.parametrize("make", EXPLORERS.values(), ids=EXPLORERS)
every_learner = pytest.mark.parametrize("make", LEARNING.values(), ids=LEARNING)


def taught(make: Callable[[], Policy], pages: int = 200) -> Policy:
    """A policy that saw ``dense`` earn on long queries and ``lexical`` on short ones."""
    policy = make()
    rng = random.Random(7)
    for _ in range(pages):
        short = rng.random() < 0.5
        policy.learn(
            SHORT if short else LONG,
            ELIGIBLE,
            {
                "dense": 0.1 if short else 0.6,
                "lexical": 0.6 if short else 0.1,
                "memory": 0.2,
                "typo": 0.0,
            },
        )
    policy.dump()
    return policy
