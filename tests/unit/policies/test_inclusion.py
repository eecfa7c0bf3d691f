"""Subsets: what is drawn has the probabilities that are written down."""

from __future__ import annotations

import random
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandit_service.policies.inclusion import draw, probability, together, with_fallback
from plugin.model import ArmChances

CHANCES = st.dictionaries(st.sampled_from("abcde"), st.floats(0, 1), min_size=1)


def arm(chances: dict[str, float], fallback: str | None = None) -> ArmChances:
    if fallback is not None:
        chances = with_fallback(chances, fallback)
    return ArmChances("learned", 1.0, chances, fallback)


def subsets(names: object) -> list[set[str]]:
    every = sorted(names)
    return [
        set(one) for one in chain(*(combinations(every, size) for size in range(len(every) + 1)))
    ]


def test_the_fallback_runs_as_often_as_it_should_although_it_also_runs_when_nothing_is_drawn() -> (
    None
):
    assert with_fallback({"best": 0.99, "other": 0.03}, "best") == {"best": 0.99, "other": 0.03}


def test_where_the_others_never_run_the_fallback_always_does() -> None:
    assert with_fallback({"best": 0.99, "other": 0.0}, "best")["best"] == 1
    assert with_fallback({"best": 0.5, "other": 0.1}, "best")["best"] == pytest.approx(0.9)


@given(CHANCES, st.booleans())
def test_all_subsets_sum_to_one_and_give_the_marginals(
    chances: dict[str, float], falls: bool
) -> None:
    one = arm(chances, min(chances) if falls else None)
    whole = {frozenset(subset): probability(one, subset) for subset in subsets(chances)}
    assert sum(whole.values()) == pytest.approx(1)
    for name in chances:
        runs = sum(chance for subset, chance in whole.items() if name in subset)
        assert runs == pytest.approx(one.propensities[name], abs=1e-9)
        for other in chances:
            both = sum(chance for subset, chance in whole.items() if {name, other} <= subset)
            assert both == pytest.approx(together(one, name, other), abs=1e-9)
    if falls:
        assert whole[frozenset()] == 0


def test_what_is_drawn_has_these_probabilities() -> None:
    one = arm({"a": 0.6, "b": 0.3, "c": 0.1}, "a")
    rng = random.Random(1)
    drawn = [frozenset(draw(one, rng)) for _ in range(20_000)]
    for subset in subsets("abc"):
        chance = probability(one, subset)
        assert drawn.count(frozenset(subset)) / len(drawn) == pytest.approx(chance, abs=0.012)
