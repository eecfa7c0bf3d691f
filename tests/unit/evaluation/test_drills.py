"""Drills in a small world: what breaks, what is new, what quality costs."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from small_recording import STRATEGIES
from test_loop import HOLDOUT, world

from bandit_service.evaluation.baselines import tune_on
from bandit_service.evaluation.loop.costs import Spent, cost, spent
from bandit_service.evaluation.loop.course import run_course
from bandit_service.evaluation.loop.drills import STEP, break_strategy, strongest, used_at
from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.policies.settled import Settled
from plugin.errors import BrokenState


def test_a_broken_strategy_costs_at_once_and_less_later() -> None:
    one = world()
    judged = one.recorded.judged
    asked = traffic(judged[:20], 2_000, random.Random(1))
    run_course(one, islice(asked, 60))
    strong = strongest(one, judged[20:], STRATEGIES)
    broken = break_strategy(one, asked, judged[20:], strong)
    assert broken.strategy == strong
    assert 0 < broken.lost < 1
    assert broken.halved_at is not None
    assert broken.halved_at % STEP == 0


def test_a_new_strategy_comes_into_use() -> None:
    one = world()
    everybody = one.strategies
    one.admit(tuple(each for each in everybody if each.name != "right"))
    asked = traffic(one.recorded.judged[:20], 2_000, random.Random(1))
    course = run_course(one, islice(asked, 40))
    assert len(course.steps) == 40
    one.admit(everybody)
    used = used_at(one, asked, one.recorded.judged[20:], "noise")
    assert used is None or used >= STEP


def test_cost_tells_the_cheapest_place_that_is_as_good() -> None:
    one = world()
    judged = one.recorded.judged
    run_course(one, traffic(judged[:20], 30, random.Random(1)))
    all_of_it = spent(one, judged, Settled(one.state.policy, everything=True), 1.0)
    assert all_of_it.candidates == 200
    tuned = tune_on(one.recorded.recording, judged, STRATEGIES)
    places = [
        Spent(1.0, all_of_it.ndcg, 200.0),
        Spent(0.5, all_of_it.ndcg * 0.995, 80.0),
        Spent(0.0, all_of_it.ndcg * 0.5, 10.0),
    ]
    row = cost(all_of_it, places, one.recorded.recording, judged, tuned)
    assert (row["candidates_share"], row["quality_kept"]) == (0.4, 0.995)
    assert 0 < row["best_pair"] < 1.5
    assert len(row["dial"]) == 3


def test_what_fails_on_the_way_is_not_measured_as_if_it_were_learnt() -> None:
    class Broken(type(HOLDOUT)):  # type: ignore[misc]
        def decide(self, context, eligible, rng):  # type: ignore[no-untyped-def]
            raise ValueError("no")

    one = world()
    with pytest.raises(BrokenState, match="policy failed"):
        one.score(one.recorded.judged[:1], Broken({}, budget=10))
