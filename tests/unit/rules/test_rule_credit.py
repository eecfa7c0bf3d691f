"""Rules do not spoil what is learnt: no strategy earns by what only a rule put on the page."""

from __future__ import annotations

from bandit_service.learner.credit import divide
from bandit_service.rules.effects import RULE


def test_a_choice_that_only_a_rule_brought_earns_nobody_anything() -> None:
    assert divide({RULE: 1}, {"lexical": True, "dense": True}, 1.0) == {"lexical": 0, "dense": 0}


def test_a_rule_takes_nothing_from_who_brought_the_choice_as_well() -> None:
    included = {"lexical": True, "dense": True}
    assert divide({RULE: 1, "lexical": 2}, included, 1.0) == divide({"lexical": 2}, included, 1.0)
