"""Simulated sessions through the code that serves, ranks, trains, and judges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from small_loop import run, world

from bandit_service.journal.controls import promote
from bandit_service.journal.entries import control_entry
from bandit_service.journal.reader import Placed, Position
from bandit_service.learner.fold import Rules
from bandit_service.learner.state import dump_state
from bandit_service.ranking.training import Schedule, Training

SOON = Schedule(sessions=50, cadence=50)


def test_a_ranker_is_fitted_named_in_the_journal_and_served() -> None:
    one = world(ranking=SOON)
    run(one, 200)
    served = one.state.models.served["ranker"]
    assert one.state.counts["fitted"] >= 2
    assert one.lineup.serving.version == served.version


def test_the_same_sessions_give_the_same_bytes() -> None:
    first, again = world(ranking=SOON), world(ranking=SOON)
    assert run(first, 150) == run(again, 150)
    assert dump_state(first.state) == dump_state(again.state)


def test_what_must_earn_its_place_is_on_trial_first() -> None:
    one = world(ranking=Schedule(mode="gated", sessions=50, cadence=50))
    run(one, 150)
    assert set(one.state.models.served) == {"ranker-trial"}
    assert one.lineup.serving.version == "blend"
    assert one.lineup.model is not None


def test_off_is_off() -> None:
    one = world(ranking=Schedule(mode="off", sessions=50))
    run(one, 150)
    assert not one.state.models.fitted


def test_a_served_ranker_that_loses_goes_back_on_trial() -> None:
    training = standing("ranker", outcome=-1.0)
    orders: list[Any] = list(training.judge())
    assert orders[0]["name"] == "roll_back"
    assert orders[0]["models"] == {"ranker": None, "ranker-proven": None}
    assert orders[-1]["model"] == "ranker-trial"
    assert orders[0]["evidence"]["pages"] == 2000
    assert list(training.judge()) == []  # from now on, new evidence


def test_a_ranker_on_trial_that_wins_is_served() -> None:
    training = standing("ranker-trial", outcome=1.0)
    orders: list[Any] = list(training.judge())
    promoted = [one["model"] for one in orders if one["name"] == "promote"]
    assert promoted == ["ranker", "ranker-proven"]
    assert orders[-1]["models"] == {"ranker-trial": None}
    assert list(training.judge()) == []


def test_too_little_evidence_waits() -> None:
    assert list(standing("ranker", outcome=-1.0, pages=3).judge()) == []
    assert list(Training(Rules()).judge()) == []


@pytest.mark.parametrize("name", ["ranker", "ranker-trial"])
def test_what_a_training_ordered_another_reads_in_the_journal(name: str) -> None:
    outcome = -1.0 if name == "ranker" else 1.0
    first = standing(name, outcome)
    orders = first.judge()
    other = standing(name, outcome)
    for at, one in enumerate(orders):
        other.take(placed(10 + at, dict(one)))
    assert list(other.judge()) == []


def standing(name: str, outcome: float, pages: int = 2000) -> Training:
    """A training whose latest model is promoted as ``name`` and has won or lost some pages."""
    training = Training(Rules())
    training.take(placed(1, dict(promote(name, "a" * 64))))
    for at in range(pages):
        training.pages.duel.add(outcome if at % 3 else 0.0)
    return training


def placed(at: int, body: dict[str, Any]) -> Placed:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    rest = {key: value for key, value in body.items() if key != "name"}
    return Placed(Position(1, at), control_entry(f"c{at}", "i", now, body["name"], rest))
