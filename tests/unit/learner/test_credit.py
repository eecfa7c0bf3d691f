"""Who earns what for a choice."""

from __future__ import annotations

import pytest

from bandit_service.learner.credit import Grades, combined, divide, note
from plugin.errors import InvalidRequest


def test_one_strategy_at_the_top_earns_the_whole_grade() -> None:
    assert divide({"a": 1}, {"a": True, "b": True}, 0.6) == {"a": 0.6, "b": 0.0}


def test_a_lower_rank_earns_less() -> None:
    assert divide({"a": 11}, {"a": True}, 1) == {"a": pytest.approx(1 / (1 + 0.3 * 10))}


def test_strategies_that_share_a_choice_divide_it() -> None:
    credits = divide({"a": 1, "b": 2}, {"a": True, "b": True}, 1)
    first, second = 1 / (1 + 0.3 * 0), 1 / (1 + 0.3 * 1)
    assert credits == {
        "a": pytest.approx(first / (first + second)),
        "b": pytest.approx(second / (first + second)),
    }
    assert sum(credits.values()) == pytest.approx(1)


def test_what_did_not_run_or_failed_learns_nothing() -> None:
    assert divide({"a": 1, "own": 1}, {"a": True, "broken": False}, 1) == {"a": 1.0}


def test_grades_are_one_scale() -> None:
    grades = Grades()
    order = ["dislike", "skip", "impression", "click", "like", "favourite"]
    values = [grades.of(action, None) for action in order]
    assert values == sorted(values)
    assert grades.of("play", 0) == 0.2
    assert grades.of("play", 15_000) == pytest.approx(0.5)
    assert grades.of("play", 10**9) == pytest.approx(0.8)
    assert grades.of("unheard of", None) == 0


def test_the_scale_can_be_set_and_is_checked() -> None:
    assert Grades(actions={"click": 1.0}).of("click", None) == 1
    with pytest.raises(InvalidRequest, match="click"):
        Grades(actions={"click": 3.0})


def test_the_last_opinion_decides() -> None:
    assert combined({"click": 0.6, "like": 0.9}) == 0.9
    assert combined({"like": 0.9, "dislike": -1.0}) == -1
    assert combined({"dislike": -1.0, "like": 0.9}) == 0.9


def test_without_an_opinion_best_and_worst_add_up() -> None:
    assert combined({"click": 0.6, "skip": -0.3}) == pytest.approx(0.3)
    assert combined({"click": 0.6, "play": 0.8}) == 0.8
    assert combined({}) == 0


def test_a_reward_is_worth_what_was_stated_and_the_last_one_counts() -> None:
    grades = Grades()
    assert [grades.of("reward", None, value) for value in (0.3, -2.0, None)] == [0.3, -1.0, 0.0]
    actions: dict[str, float] = {}
    for action, grade in (("click", 0.6), ("reward", 0.9), ("reward", -0.5), ("click", 0.2)):
        note(actions, action, grade)
    assert actions == {"reward": -0.5, "click": 0.6}
    assert combined(actions) == -0.5
