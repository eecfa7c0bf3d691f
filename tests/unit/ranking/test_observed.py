"""Evidence of the same query against the score."""

from __future__ import annotations

import pytest

from bandit_service.ranking.base import order
from bandit_service.ranking.observed import MISTAKEN, Before, Seen, explained, weighed
from plugin.model import Candidate

UNION = [Candidate(f"e{at}", 1 - at / 10, ()) for at in range(10)]
SCORES = [one.score for one in UNION]
RATE = 0.1


def ranked(seen: dict[str, Seen]) -> list[str]:
    scores = weighed(UNION, SCORES, Before(seen, RATE))
    return [one.id for one in order(UNION, scores)]


def test_without_evidence_the_order_stays() -> None:
    assert ranked({}) == [one.id for one in UNION]
    assert ranked({"not there": Seen(5, 5)}) == [one.id for one in UNION]
    assert weighed([], [], Before({"e0": Seen(1, 1)}, RATE)) == []


def test_what_was_chosen_rises_and_the_more_the_surer() -> None:
    assert ranked({"e7": Seen(6, 10)})[0] == "e7"
    once = weighed(UNION, SCORES, Before({"e7": Seen(0.6, 1)}, RATE))[7]
    often = weighed(UNION, SCORES, Before({"e7": Seen(60, 100)}, RATE))[7]
    assert 0.3 * SCORES[7] < once < often == pytest.approx(0.6 - MISTAKEN * RATE, abs=0.01)


def test_what_is_always_shown_and_never_chosen_sinks_below_what_was_not_tried() -> None:
    assert ranked({"e0": Seen(0.2, 40)})[-1] == "e0"
    # A look or two that led to nothing cost it only a few places.
    assert ranked({"e0": Seen(0, 1)})[4] == "e0"


def test_what_is_chosen_by_mistake_only_stands_below_what_was_passed_over_by_bad_luck() -> None:
    mistaken = {
        f"e{at}": Seen(0.9 * MISTAKEN * RATE * looks, looks) for at, looks in ((0, 400), (1, 90))
    }
    assert ranked({**mistaken, "e9": Seen(0, 0.5)})[-3:] == ["e9", "e1", "e0"]


def test_where_people_hardly_ever_choose_a_single_choice_is_worth_more() -> None:
    seen = {"e5": Seen(1, 8)}
    busy = order(UNION, weighed(UNION, SCORES, Before(seen, 0.3)))
    quiet = order(UNION, weighed(UNION, SCORES, Before(seen, 0.02)))
    # Where three in ten choose, one in eight is little more than a mistake.
    assert busy[-1].id == "e5"
    assert quiet[0].id == "e5"


def test_reasons_sum_to_what_the_evidence_makes_of_the_score() -> None:
    before = Before({"e0": Seen(0, 3), "e9": Seen(2, 3)}, RATE)
    told = explained(UNION, [{"blend": score - 0.1, "model": 0.1} for score in SCORES], before)
    assert [sum(why.values()) for why in told] == pytest.approx(weighed(UNION, SCORES, before))
    assert told[0]["asked before"] < 0 < told[9]["asked before"]
    assert "asked before" not in told[4]
    reasons = [{"blend": score} for score in SCORES]
    assert explained(UNION, reasons, Before()) is reasons


def test_nobody_falls_below_what_is_not_ranked() -> None:
    scores = weighed(UNION[:3], [1.0, 0.5, -1.0], Before({"e0": Seen(-3, 100)}, RATE))
    assert scores[0] >= 0 > scores[2]
