"""Who foretells better what strategies earn, from pages that ran only some of them."""

from __future__ import annotations

import random

import pytest

from bandit_service.policies.foretelling import Foretelling

CHANCES = {"common": 0.9, "rare": 0.4}
EARNS = {"common": 0.3, "rare": 0.6}


def told(incumbent: float, challenger: float, pages: int = 3000) -> Foretelling:
    """Both know what ``common`` earns, and foretell this of ``rare``."""
    dice = random.Random(3)
    foretelling = Foretelling()
    for _ in range(pages):
        ran = {name for name, chance in CHANCES.items() if dice.random() < chance}
        credits = {name: float(dice.random() < EARNS[name]) for name in sorted(ran)}
        foretelling.add(
            credits, CHANCES, {**EARNS, "rare": incumbent}, {**EARNS, "rare": challenger}
        )
    return foretelling


def test_who_knows_better_what_seldom_runs_foretells_better() -> None:
    assert told(0.2, 0.6).verdict(0.1) == "no worse"
    assert told(0.6, 0.2).verdict(0.1) == "worse"
    assert told(0.6, 0.6).verdict(0.1) == "no worse"


def test_the_error_is_as_if_everything_always_ran() -> None:
    # The variance of a coin is the error of foretelling its mean.
    expected = (0.3 * 0.7 + 0.6 * 0.4) / 2
    one = told(0.6, 0.6, pages=20_000)
    assert one.error / one.pages == pytest.approx(expected, rel=0.05)
    assert one.weights / one.pages == pytest.approx(1, rel=0.05)


def test_a_journal_that_cannot_tell_is_refused() -> None:
    assert "explore first" in str(Foretelling().refused)
    few = told(0.6, 0.2, pages=20)
    assert "only" in str(few.refused)
    assert few.verdict(0.1) is None
    never = Foretelling()
    for _ in range(500):
        never.add({"common": 0.3}, {"common": 0.9, "rare": 0.0}, EARNS, EARNS)
    assert "never run" in str(never.refused)


def test_it_survives_as_json() -> None:
    one = told(0.6, 0.2, pages=50)
    assert Foretelling.from_json(one.to_json()) == one
