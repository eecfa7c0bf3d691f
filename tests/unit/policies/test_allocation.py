"""Dividing candidates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandit_service.policies.allocation import allocate, shares
from bandit_service.policies.exploration import Exploration
from plugin.errors import InvalidRequest

PARTS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), min_size=1)


def test_candidates_follow_the_parts_above_the_least() -> None:
    counts = allocate({"a": 0.75, "b": 0.25}, 200)
    assert counts == {"a": 10 + 0.75 * 180, "b": 10 + 0.25 * 180}


@given(PARTS, st.integers(1, 1000))
def test_the_budget_is_spent_and_everyone_draws(strengths: dict[str, float], budget: int) -> None:
    counts = allocate(shares(strengths), budget)
    assert counts.keys() == strengths.keys()
    assert all(count >= 1 for count in counts.values())
    assert sum(counts.values()) == max(budget, len(counts))


def test_equal_where_nothing_is_known() -> None:
    assert shares({"a": 0.0, "b": 0.0}) == {"a": 0.5, "b": 0.5}
    assert shares({}) == {}
    assert allocate({}, 10) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor": -0.1},
        {"floor": 1.0},
        {"everything": 0.6, "holdout": 0.6},
        {"budget": 0},
        {"quality": 1.1},
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="LTRR_"):
        Exploration(**wrong)


def test_the_dial_moves_candidates_and_price_one_way_only() -> None:
    dials = [Exploration(budget=600, quality=step / 20) for step in range(21)]
    assert [one.spent for one in dials] == sorted(one.spent for one in dials)
    assert [one.price for one in dials] == sorted((one.price for one in dials), reverse=True)
    assert (dials[0].spent, dials[-1].spent, dials[-1].price) == (60, 600, 0.0)
