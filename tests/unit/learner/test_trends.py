"""What many choose now."""

from __future__ import annotations

import pytest

from bandit_service.learner import trends as module
from bandit_service.learner.trends import HALF_LIFE_MS, Trends


def chosen(trends: Trends, entity: str, sessions: int, now: int = 0, first: int = 0) -> None:
    for number in range(first, first + sessions):
        trends.choose(entity, f"s{number}", now)


def test_more_distinct_sessions_trend_higher_and_the_first_scores_1() -> None:
    trends = Trends()
    chosen(trends, "a", 3)
    chosen(trends, "b", 6)
    assert trends.current(0, 3, 10) == [("b", 1.0), ("a", 0.5)]
    assert trends.current(0, 3, 1) == [("b", 1.0)]


def test_one_session_counts_once_and_nobody_in_particular_not_at_all() -> None:
    trends = Trends()
    for _ in range(9):
        trends.choose("a", "s1", 0)
        trends.choose("b", "", 0)
    assert trends.current(0, 1, 10) == [("a", 1.0)]
    assert trends.current(0, 2, 10) == []


def test_what_was_chosen_long_ago_gives_way_and_is_gone_in_the_end() -> None:
    trends = Trends()
    chosen(trends, "old", 8, 0)
    chosen(trends, "new", 3, 2 * HALF_LIFE_MS)
    assert trends.current(2 * HALF_LIFE_MS, 3, 10) == [("new", 1.0), ("old", pytest.approx(2 / 3))]
    assert trends.current(5 * HALF_LIFE_MS, 3, 10) == []


def test_of_too_many_entities_the_weakest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTITIES", 2)
    monkeypatch.setattr(module, "SLACK", 0)
    trends = Trends()
    chosen(trends, "a", 2)
    chosen(trends, "b", 1)
    chosen(trends, "c", 1)
    assert {entity for entity, _ in trends.current(0, 1, 10)} == {"a", "c"}


def test_it_comes_back_from_its_bytes_the_same_and_who_is_forgotten_is_not_in_them() -> None:
    trends = Trends()
    for number in range(500):
        trends.choose(f"e{number % 9}", f"s{number % 70}", number * 100_000)
    trends.forget("s1")
    assert "'s1'" not in str(trends.to_json())
    again = Trends.from_json(trends.to_json())
    for one in (trends, again):
        one.choose("e3", "s99", 10**9)
    assert again.to_json() == trends.to_json()
