"""What is slow costs nobody more than the budget, and no page is lost while one strategy works."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from bandit_service.breakers import Breakers
from bandit_service.costs import Costs
from bandit_service.lanes import LATE, Lanes
from plugin.errors import NodeLate, NodeUnavailable
from plugin.model import Choice, Clause, Hit, Retrieved


def choice(name: str) -> Choice:
    return Choice(name, 0.5, 0.5, True, 10, 0.5)


CHOICES = [choice(name) for name in ("quick", "slow", "other")]
LINES: list[Mapping[str, Any]] = [{"of": one.strategy} for one in CHOICES for _ in range(2)]


class Node:
    """Answers at once; what hangs answers when the test ends, or is late as a whole."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.hanging: set[str] = set()
        self.away = False
        self.end = threading.Event()

    def __call__(
        self,
        lines: Sequence[Mapping[str, Any]],
        choices: Sequence[Choice],
        *,
        filters: Sequence[Clause],
        timeout_s: float,
    ) -> list[Retrieved]:
        names = [one.strategy for one in choices]
        self.asked.append(names)
        assert [line["of"] for line in lines] == [name for name in names for _ in range(2)]
        if self.away:
            raise NodeUnavailable("refused")
        if self.hanging & set(names):
            if len(names) == 1:
                assert self.end.wait(60)
            raise NodeLate("late")
        return [Retrieved(name, (Hit(name, 1.0),), took_ms=1.0) for name in names]


@pytest.fixture
def node() -> Iterator[Node]:
    one = Node()
    yield one
    one.end.set()


@pytest.fixture
def breakers() -> Breakers:
    return Breakers()


@pytest.fixture
def costs() -> Costs:
    return Costs()


@pytest.fixture
def lanes(node: Node, costs: Costs, breakers: Breakers) -> Lanes:
    return Lanes(node, costs, breakers, budget_s=0.2)


def test_what_is_expected_in_time_travels_together(lanes: Lanes, node: Node) -> None:
    results = lanes.retrieve(LINES, CHOICES)
    assert [one.strategy for one in results] == ["quick", "slow", "other"]
    assert node.asked == [["quick", "slow", "other"]]


def test_what_is_expected_to_be_late_travels_beside_the_others(
    lanes: Lanes, node: Node, costs: Costs
) -> None:
    costs.note("slow", 150)
    results = lanes.retrieve(LINES, CHOICES)
    assert sorted(map(len, node.asked)) == [1, 2]
    assert [one.hits[0].id for one in results] == ["quick", "slow", "other"]


def test_a_hanging_strategy_is_abandoned_and_the_others_make_the_page(
    lanes: Lanes, node: Node, costs: Costs
) -> None:
    node.hanging = {"slow"}
    results = lanes.retrieve(LINES, CHOICES)
    assert node.asked[0] == ["quick", "slow", "other"]
    assert {one.strategy: one.error for one in results} == {
        "quick": None,
        "slow": LATE,
        "other": None,
    }
    # From now on it holds nobody up.
    assert costs.predicted_ms("slow") > 200 > costs.predicted_ms("quick")
    node.asked.clear()
    lanes.retrieve(LINES, CHOICES)
    assert ["quick", "other"] in node.asked


def test_lateness_opens_the_circuit(lanes: Lanes, node: Node, breakers: Breakers) -> None:
    node.hanging = {"slow"}
    for _ in range(5):
        lanes.retrieve(LINES, CHOICES)
    assert breakers.state("slow") == "open"
    assert breakers.state("quick") == "closed"


def test_a_node_that_is_away_is_no_strategys_fault(
    lanes: Lanes, node: Node, breakers: Breakers, costs: Costs
) -> None:
    node.away = True
    for _ in range(9):
        with pytest.raises(NodeUnavailable, match="refused"):
            lanes.retrieve(LINES, CHOICES)
    node.away, node.hanging = False, {"quick", "slow", "other"}
    for _ in range(5):
        with pytest.raises(NodeLate):
            lanes.retrieve(LINES, CHOICES)
    assert {breakers.state(one.strategy) for one in CHOICES} == {"closed"}
    assert costs.predicted_ms("quick") == 0


def test_a_trial_closes_the_circuit_and_nobody_waits(
    node: Node, costs: Costs, breakers: Breakers
) -> None:
    noted = threading.Event()

    class Watched(Breakers):
        def note(self, result: Retrieved) -> None:
            breakers.note(result)
            noted.set()

    for _ in range(5):
        breakers.note(Retrieved("slow", error="boom"))
    assert breakers.state("slow") == "open"
    Lanes(node, costs, Watched(), budget_s=0.2).try_out(LINES[2:4], CHOICES[1])
    assert noted.wait(10)
    assert breakers.state("slow") == "closed"


def test_a_prediction_is_the_mean_and_four_deviations() -> None:
    costs = Costs()
    assert costs.predicted_ms("x") == 0
    costs.note("x", 80)
    assert costs.predicted_ms("x") == 80
    costs.note("x", 160)  # deviation 0 + (80 - 0) / 4, mean 80 + 80 / 8
    assert costs.predicted_ms("x") == 90 + 4 * 20
