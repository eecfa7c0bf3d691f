"""Simulated sessions over a recording: the code that serves and learns, quick and repeatable."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from small_recording import STRATEGIES, small_catalogue, small_recording

from bandit_service.evaluation.loop.people import PositionBased
from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.evaluation.loop.world import Parts, Recorded, World
from bandit_service.learner.fold import Rules
from bandit_service.learner.state import dump_state
from bandit_service.policies.explorer import Exploration, Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.ranking.blend_order import BlendOrder
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


def world(name: str = "w", n: int = 30) -> World:
    recording, judged = small_recording(n, more=("memory",))
    strategies = tuple(strategy(one) for one in STRATEGIES)
    memory = strategy("memory", "memory_key", "memory")
    parts = Parts(
        strategies=(*strategies, memory),
        schema=SCHEMA,
        page=PageSettings(),
        blender=MinMax(),
        ranker=BlendOrder(),
        new_policy=new_policy,
        rules=Rules(),
        sessions=3,
        candidates=200,
    )
    recorded = Recorded(recording, small_catalogue(recording), judged)
    return World(name, recorded, parts, PositionBased())


def run(world: World, sessions: int, seed: int = 1) -> list[float]:
    judged = world.recorded.judged
    return [
        world.session(asked.judged).ndcg
        for asked in traffic(judged[:20], sessions, random.Random(seed))
    ]


def test_what_is_chosen_is_learnt() -> None:
    one = world()
    run(one, 300)
    policy = one.state.policy
    assert isinstance(policy, Explorer)
    assert policy.pages > 200
    decision = one.session(one.recorded.judged[0]).decision
    values = {choice.strategy: choice.value for choice in decision.choices}
    assert min(values["right"], values["ok"]) > values["noise"]


def test_what_enough_sessions_chose_is_remembered_for_others() -> None:
    one = world()
    asked = one.recorded.judged[0]
    run(one, 20)
    for _ in range(12):
        last = one.session(asked).decision
    query = one.recorded.recording.query(asked.id).query
    assert (one.memory.remembered(query).confidence or 0.0) > 0.3
    assert "memory" in {choice.strategy for choice in last.choices}


def test_the_same_name_and_sessions_give_the_same_state() -> None:
    one, other, third = world(), world(), world("x")
    assert run(one, 40) == run(other, 40)
    assert dump_state(one.state) == dump_state(other.state)
    assert run(one, 40) != run(third, 40)


def test_to_score_queries_changes_nothing() -> None:
    one, other = world(), world()
    run(one, 20)
    run(other, 20)
    one.score(one.recorded.judged, HOLDOUT)
    assert run(one, 20) == run(other, 20)
    assert dump_state(one.state) == dump_state(other.state)


def test_one_query_in_five_is_new_and_the_rest_is_zipf() -> None:
    _, judged = small_recording(600)
    asked = list(traffic(judged, 2_000, random.Random(3)))
    assert sum(one.visit == 1 for one in asked) == pytest.approx(400, rel=0.1)
    counts = [count for _, count in Counter(one.judged.id for one in asked).most_common()]
    assert counts[0] > 20 * counts[len(counts) // 2]
    first = [one.visit for one in asked if one.judged == asked[0].judged]
    assert first == list(range(1, len(first) + 1))


def test_the_same_dice_give_the_same_traffic() -> None:
    _, judged = small_recording(50)
    once, again = (list(traffic(judged, 100, random.Random(7))) for _ in range(2))
    assert once == again
    assert once != list(traffic(judged, 100, random.Random(8)))
