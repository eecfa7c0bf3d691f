"""A wish for what is new makes the newer of a page more relevant, as far as it is likely."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bandit_service.arranging.newness import HALF_AT_DAYS, STRENGTH, newness
from plugin.model import Slot

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def ms(date: str) -> int:
    """As hydration reads dates."""
    return int(datetime.fromisoformat(f"{date}T00:00:00+00:00").timestamp() * 1000)


TODAY = {"out": [ms("2026-11-28")]}


def wish(likelihood: float, role: str = "recent") -> Slot:
    return Slot(0, 1, "new", role, "out", "", likelihood)


def test_nobody_wished() -> None:
    assert newness([wish(0.9, "popular")], {"a": TODAY}, NOW) == {}


def test_the_newer_and_the_likelier_the_more() -> None:
    old = {"out": [ms("2025-07-16")]}  # 500 days before
    factors = newness([wish(0.2), wish(0.5)], {"a": TODAY, "b": old}, NOW)
    assert HALF_AT_DAYS == 500
    assert factors == pytest.approx({"a": 1 + STRENGTH / 2, "b": 1 + STRENGTH / 4})


@pytest.mark.parametrize("dates", [None, [], ["soon"], [None], [ms("2031-01-01")]])
def test_what_has_no_date_or_is_not_out_yet_is_left_as_it_is(dates: list[object] | None) -> None:
    known = {} if dates is None else {"out": dates}
    assert newness([wish(1.0)], {"a": known}, NOW) == {}


def test_of_several_dates_the_latest_that_has_come_counts() -> None:
    dates = [ms("1960-01-01"), ms("2026-11-28"), ms("2031-01-01")]
    assert newness([wish(1.0)], {"a": {"out": dates}}, NOW) == pytest.approx({"a": 1 + STRENGTH})
