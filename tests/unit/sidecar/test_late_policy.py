"""A policy that hangs costs its patience, and then all strategies are blended equally."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bandit_service.choosing import Choosing
from bandit_service.policies.base import Eligible, Features
from bandit_service.policies.static import StaticPolicy
from plugin.model import Decision, Query
from plugin.strategies import Strategy

QUERY = Query("love", "love", datetime(2026, 1, 1, tzinfo=UTC))
STRATEGIES = tuple(
    Strategy(name, "", "words", ("entities",), frozenset(), 1, 1.0, (), "entities", "")
    for name in ("lexical", "dense")
)


class Hanging(StaticPolicy):
    """Decides only when the test ends."""

    def __init__(self) -> None:
        super().__init__({}, budget=100, default=1.0)
        self.end = threading.Event()

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        assert self.end.wait(60)
        return super().decide(context, eligible, rng)


class Snapshots:
    def __init__(self, policy: StaticPolicy) -> None:
        self.policy = policy
        self.version = "v"

    def current(self) -> Snapshots:
        return self

    def history(self) -> Sequence[Mapping[str, Any]]:
        return ()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    policy = Hanging()
    yield policy
    policy.end.set()


def choosing(policy: StaticPolicy, patience_s: float) -> Choosing:
    return Choosing(
        STRATEGIES,
        lambda _: {"words": 1.0},
        Snapshots(policy),
        candidates=100,
        patience_s=patience_s,
    )


def test_a_late_policy_is_not_waited_for(hanging: Hanging) -> None:
    trouble: list[str] = []
    late = choosing(hanging, 0.02)
    for number in range(20):  # more than it has threads
        chosen = late.decide(QUERY, STRATEGIES, f"q{number}", trouble)
        assert [one.strategy for one in chosen.decision.included] == ["lexical", "dense"]
        assert chosen.decision.policy_version == "uniform"
    assert set(trouble) == {"policy: it was late"}


def test_a_policy_in_time_decides() -> None:
    trouble: list[str] = []
    policy = StaticPolicy({"dense": 1.0}, budget=100)
    chosen = choosing(policy, 30.0).decide(QUERY, STRATEGIES, "q", trouble)
    assert chosen.decision.policy_version == policy.version
    assert chosen.context == {"words": 1.0}
    assert trouble == []
