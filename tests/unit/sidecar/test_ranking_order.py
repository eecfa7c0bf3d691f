"""Rankers give scores; the order that follows from them."""

from __future__ import annotations

from bandit_service.ranking.base import RankingContext, order
from bandit_service.ranking.blend_order import BlendOrder
from bandit_service.ranking.pool import Pool
from plugin.model import Candidate

UNION = [Candidate("a", 0.3, ()), Candidate("b", 0.2, ()), Candidate("c", 0.1, ())]


def test_the_blends_order_is_kept_while_nothing_better_is_known() -> None:
    assert order(UNION, BlendOrder().rank(Pool(UNION, RankingContext()))) == UNION


def test_higher_scores_come_first_and_equal_ones_stay_in_order() -> None:
    assert [one.id for one in order(UNION, [0.5, 0.9, 0.5])] == ["b", "a", "c"]
