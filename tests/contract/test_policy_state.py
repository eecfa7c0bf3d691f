"""What was learnt survives as bytes, damage is refused, and memory stays flat."""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable

import psutil
import pytest
from policy_makers import ELIGIBLE, LONG, POLICIES, SHORT, every_learner, every_policy, taught

from bandit_service.policies.base import Policy, ValueModel
from plugin.errors import BrokenState


@every_policy
def test_dump_and_load_decide_identically(make: Callable[[], Policy]) -> None:
    policy = taught(make)
    copy = make()
    copy.load(policy.dump())
    assert copy.dump() == policy.dump()
    for seed in range(50):
        assert copy.decide(LONG, ELIGIBLE, random.Random(seed)) == policy.decide(
            LONG, ELIGIBLE, random.Random(seed)
        )


@every_policy
def test_learning_on_after_a_load_is_learning_at_once(make: Callable[[], Policy]) -> None:
    at_once = taught(make)
    interrupted = make()
    interrupted.load(taught(make).dump())
    for policy in (at_once, interrupted):
        for _ in range(30):
            policy.learn(SHORT, ELIGIBLE, {"typo": 0.9, "memory": 0.3})
    assert interrupted.dump() == at_once.dump()


@every_policy
def test_a_dump_cut_at_every_tenth_of_its_length_is_refused(make: Callable[[], Policy]) -> None:
    whole = taught(make).dump()
    target = taught(make, pages=20)
    before = target.dump()
    for tenth in range(10):
        with pytest.raises(BrokenState):
            target.load(whole[: len(whole) * tenth // 10])
    with pytest.raises(BrokenState):
        target.load(whole + b"x")
    assert target.dump() == before


@every_policy
def test_a_dump_of_another_kind_is_refused(make: Callable[[], Policy]) -> None:
    for name, other in POLICIES.items():
        if other is not make:
            with pytest.raises(BrokenState, match="state"):
                make().load(taught(other).dump())
            assert name


@every_learner
@pytest.mark.parametrize(
    "pages",
    [5_000, pytest.param(200_000, marks=[pytest.mark.long, pytest.mark.timeout(1_800)])],
)
def test_memory_is_flat_over_many_learn_calls(
    make: Callable[[], Policy | ValueModel], pages: int
) -> None:
    learner = make()
    process = psutil.Process(os.getpid())

    def teach(pages: int) -> None:
        for page in range(pages):
            learner.learn(
                {"tokens": (page % 16) / 16, "hour_sin": 0.5},
                ELIGIBLE,
                {"dense": (page % 10) / 10, "lexical": 0.1, "memory": 0.0, "typo": 0.2},
            )
            if page % 10 == 0:
                learner.values({"tokens": 0.5}, ELIGIBLE)
        gc.collect()

    teach(1000)
    before = process.memory_info().rss
    teach(pages)
    assert process.memory_info().rss - before < 8 * 2**20
