"""Clusters that compile or keep fewer templates than there are strategies are told of."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.assets.compilations import Limits, limits_of, shortage

RATE = "script.context.template.max_compilations_rate"
CACHE = "script.context.template.cache_max_size"
DEFAULTS = {"script.max_compilations_rate": "use-context", RATE: "75/5m", CACHE: "100"}


def told(persistent: dict[str, Any] | None = None, **layers: dict[str, Any]) -> Limits | None:
    return limits_of(
        {"persistent": persistent or {}, "transient": {}, "defaults": DEFAULTS} | layers
    )


def test_the_defaults_are_enough_for_some_strategies_and_not_for_many() -> None:
    found = told()
    assert found == Limits(75, 5, 100)
    assert shortage(found, 75) is None
    assert RATE in (shortage(found, 76) or "")
    assert CACHE not in (shortage(found, 76) or "")
    assert f"{CACHE}: 202" in (shortage(found, 101) or "")


def test_what_was_set_wins_over_what_is_default() -> None:
    assert told({RATE: "2000/1m", CACHE: "1000"}) == Limits(2000, 1, 1000)
    assert told({RATE: "10/1m"}, transient={RATE: "30/90s"}) == Limits(30, 1.5, 100)


@pytest.mark.parametrize(
    "settings", [{RATE: "unlimited"}, {"script.disable_max_compilations_rate": "true"}]
)
def test_a_cluster_without_a_rate_is_only_short_of_room(settings: dict[str, str]) -> None:
    found = told(settings)
    assert found is not None
    assert found.rate is None
    assert shortage(found, 100) is None
    assert "any number" in (shortage(found, 101) or "")


def test_a_rate_for_all_scripts_is_the_one_that_counts() -> None:
    found = told({"script.max_compilations_rate": "20/1m", "script.cache.max_size": "50"})
    assert found is not None
    assert (found.rate, found.kept) == (20, 50)
    assert "script.max_compilations_rate: 60/1m" in (shortage(found, 30) or "")


@pytest.mark.parametrize("rate", ["", "many", "75/", "75/5y", "x/5m"])
def test_what_nobody_understands_is_not_guessed(rate: str) -> None:
    assert told({RATE: rate}) is None


def test_a_cluster_that_does_not_tell_is_not_judged() -> None:
    assert limits_of({}) is None
