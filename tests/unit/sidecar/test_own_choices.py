"""What the acting session chose or refused changes its next page at once."""

from __future__ import annotations

from bandit_service.ranking.own_choices import join, lift
from plugin.model import Candidate, Provenance


def candidate(id: str, score: float) -> Candidate:
    return Candidate(id, score, (Provenance("lexical", 1, score),))


UNION = [candidate("a", 0.3), candidate("b", 0.2), candidate("c", 0.1), candidate("d", 0.05)]


def ids(candidates: list[Candidate]) -> list[str]:
    return [one.id for one in candidates]


def test_chosen_entities_come_first_and_refused_ones_last() -> None:
    assert ids(lift(UNION, {"c": 0.6, "d": 0.9, "a": -0.3})) == ["d", "c", "b", "a"]


def test_the_more_refused_the_further_down() -> None:
    assert ids(lift(UNION, {"a": -1.0, "b": -0.3})) == ["c", "d", "b", "a"]


def test_without_evidence_the_order_stays() -> None:
    assert lift(UNION, {}) == UNION
    assert lift(UNION, {"b": 0.0}) == UNION
    assert join(UNION, {}) == UNION


def test_a_choice_that_no_strategy_brought_is_added_with_its_origin() -> None:
    joined = join(UNION, {"x": 0.9, "y": 1.0, "z": -1.0})
    assert ids(joined) == ["a", "b", "c", "d", "y", "x"]
    assert joined[-2].provenance == (Provenance("session", 1, 1.0),)
    assert joined[-1].provenance == (Provenance("session", 2, 0.9),)


def test_a_choice_that_was_brought_keeps_its_origins_and_gets_one_more() -> None:
    joined = join(UNION, {"b": 0.6})
    assert joined[1].provenance == (
        Provenance("lexical", 1, 0.2),
        Provenance("session", 1, 0.6),
    )
    assert ids(joined) == ids(UNION)
