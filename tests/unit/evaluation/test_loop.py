"""Simulated sessions over a recording: the code that serves and learns, quick and repeatable."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from small_loop import HOLDOUT, run, world
from small_recording import small_recording

from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.learner.state import dump_state
from bandit_service.policies.explorer import Explorer


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
