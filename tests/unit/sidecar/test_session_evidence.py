"""What a session chose before this process knew it, and since."""

from __future__ import annotations

from bandit_service.learner.credit import Grades
from bandit_service.session_evidence import SessionEvidence
from plugin.cluster import Cluster

CLICK = {"object_id": "a", "action": "click"}


def test_what_was_just_chosen_is_known_while_the_journal_cannot_be_asked() -> None:
    away = Cluster("http://127.0.0.1:9", "test")
    evidence = SessionEvidence(Grades(), cluster=away)
    assert evidence.recall("me", "key") == {}
    evidence.record("me", "key", CLICK)
    assert evidence.recall("me", "key") == {"a": Grades().of("click", None)}
    assert evidence.recall("me", "other") == {}
    away.close()


def test_sessions_do_not_see_each_other() -> None:
    evidence = SessionEvidence(Grades())
    evidence.record("me", "key", CLICK)
    assert evidence.recall("you", "key") == {}
