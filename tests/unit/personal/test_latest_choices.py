"""What a session chose last, whatever it asked for."""

from __future__ import annotations

import pytest

from bandit_service.learner.credit import Grades
from bandit_service.session_evidence import FADES, MOST_LATEST, SessionEvidence


def test_types_are_shares_of_what_was_liked_lately() -> None:
    evidence = SessionEvidence(Grades())
    for entity, kind, action in (("a", "song", "like"), ("b", "album", "like"), ("c", "x", "skip")):
        evidence.record("s", "", {"object_id": entity, "action": action, "type": kind})
    acted(evidence, "untold")
    assert evidence.types("s") == {"album": 0.5, "song": 0.5}
    for number in range(MOST_LATEST):
        acted(evidence, f"later-{number}")
    assert evidence.types("s") == evidence.types("nobody") == {}


def acted(evidence: SessionEvidence, entity: str, action: str = "click", key: str = "key") -> None:
    evidence.record("s", key, {"object_id": entity, "action": action})


def test_the_latest_counts_most_and_what_was_refused_counts_against() -> None:
    evidence = SessionEvidence(Grades())
    for entity, action in (("a", "click"), ("b", "dislike"), ("c", "like")):
        acted(evidence, entity, action, key=f"query for {entity}")
    latest = evidence.latest("s")
    assert list(latest) == ["c", "b", "a"]
    assert latest["c"] == pytest.approx(0.9)
    assert latest["b"] == pytest.approx(-1.0 * FADES)
    assert latest["a"] == pytest.approx(0.6 * FADES**2)


def test_doing_more_with_an_entity_makes_it_the_latest_again() -> None:
    evidence = SessionEvidence(Grades())
    for entity in ("a", "b", "a"):
        acted(evidence, entity)
    assert list(evidence.latest("s")) == ["a", "b"]


def test_a_choice_without_words_is_known_of_the_session_but_of_no_query() -> None:
    evidence = SessionEvidence(Grades())
    acted(evidence, "a", key="")
    assert evidence.latest("s") == {"a": 0.6}
    assert evidence.recall("s", "") == {}


def test_it_is_bounded_and_each_sessions_own() -> None:
    evidence = SessionEvidence(Grades())
    for number in range(MOST_LATEST + 5):
        acted(evidence, f"e{number}")
    assert len(evidence.latest("s")) == MOST_LATEST
    assert "e0" not in evidence.latest("s")
    assert evidence.latest("another") == {}
