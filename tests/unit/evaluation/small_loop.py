"""A small world of simulated sessions."""

from __future__ import annotations

import random
from collections.abc import Callable

from small_recording import STRATEGIES, small_catalogue, small_recording

from bandit_service.evaluation.loop.people import PositionBased
from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.evaluation.loop.world import Parts, Recorded, World
from bandit_service.learner.fold import Rules
from bandit_service.policies.base import Policy
from bandit_service.policies.explorer import Exploration, Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.ranking.training import Schedule
from plugin.assets.page import PageSettings
from plugin.assets.schema import Schema
from plugin.blending.minmax import MinMax
from plugin.strategies import Strategy

SCHEMA = Schema("type", "name", ("name",), "vector", "memory", "predicted")
HOLDOUT = StaticPolicy({}, budget=200)


def strategy(name: str, needs: str = "text", family: str = "words") -> Strategy:
    return Strategy(
        name, "", family, ("entities",), frozenset({needs}), 1, 1.0, (), "entities", name
    )


def new_policy() -> Explorer:
    return Explorer(VwValueModel(), HOLDOUT, Exploration(budget=200))


def world(
    name: str = "w",
    n: int = 30,
    ranking: Schedule | None = None,
    policy: Callable[[], Policy] = new_policy,
) -> World:
    recording, judged = small_recording(n, more=("memory",))
    strategies = tuple(strategy(one) for one in STRATEGIES)
    memory = strategy("memory", "memory_key", "memory")
    parts = Parts(
        strategies=(*strategies, memory),
        schema=SCHEMA,
        page=PageSettings(),
        blender=MinMax(),
        new_policy=policy,
        rules=Rules(),
        sessions=3,
        candidates=200,
        ranking=ranking,
    )
    recorded = Recorded(recording, small_catalogue(recording), judged)
    return World(name, recorded, parts, PositionBased())


def run(world: World, sessions: int, seed: int = 1) -> list[float]:
    judged = world.recorded.judged
    return [
        world.session(asked.judged).ndcg
        for asked in traffic(judged[:20], sessions, random.Random(seed))
    ]
