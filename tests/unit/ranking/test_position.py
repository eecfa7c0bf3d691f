"""Who looks where, from the coins of interleaved pages."""

from __future__ import annotations

import random

import pytest

from bandit_service.ranking.interleaving import team_draft
from bandit_service.ranking.position import PRIOR_ETA, Swaps, pairs_on_page
from plugin.model import Candidate


def test_without_evidence_it_is_the_prior() -> None:
    assert Swaps().eta() == pytest.approx(PRIOR_ETA)
    examination = Swaps().examination()
    assert examination(1) == 1.0
    assert examination(2) == pytest.approx(2**-PRIOR_ETA)


@pytest.mark.parametrize("eta", [0.3, 1.0, 1.4])
def test_the_exponent_is_found_though_the_model_is_much_better(eta: float) -> None:
    dice = random.Random(4)
    swaps = Swaps()
    for _ in range(6_000):
        model = [Candidate(f"e{at}", 1.0, ()) for at in range(10)]
        blend = list(model)
        dice.shuffle(blend)
        draft = team_draft(model, blend, dice)
        positions = {one.id: at for at, one in enumerate(draft.order, start=1)}
        chosen = {
            id
            for id, position in positions.items()
            if dice.random() < position**-eta and dice.random() < 0.5 / (1 + int(id[1:]))
        }
        for first, second, upper in pairs_on_page(draft.swappable, positions):
            swaps.add(upper, first=first in chosen, second=second in chosen)
    assert swaps.eta() == pytest.approx(eta, abs=0.15)
    assert swaps.chosen > 1_000


def test_what_was_rearranged_tells_nothing() -> None:
    pairs = [("a", "b"), ("c", "d"), ("e", "f")]
    assert pairs_on_page(pairs, {"a": 1, "b": 2, "c": 4, "d": 3, "e": 5}) == [("a", "b", 1)]
