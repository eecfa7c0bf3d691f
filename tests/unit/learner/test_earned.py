"""What people are told of credit is what the fold gives."""

from __future__ import annotations

import pytest
from journals import decision, event, folded, page

from bandit_service.learner.credit import Grades
from bandit_service.learner.earned import earned
from bandit_service.learner.state import State
from bandit_service.policies.base import Eligible, Features
from bandit_service.policies.static import StaticPolicy

HITS = {"good": [("lexical", 1, 2.0), ("dense", 3, 0.5)], "other": [("dense", 1, 0.9)]}


class Told(StaticPolicy):
    """Remembers what it was taught."""

    def __init__(self) -> None:
        super().__init__({}, budget=10)
        self.credits: list[Features] = []

    def learn(self, context: Features, eligible: Eligible, credits: Features) -> None:
        self.credits.append(credits)


def test_the_first_positive_event_decides_as_it_does_in_the_fold() -> None:
    entries = [
        decision("q", included=("lexical", "dense", "fuzzy", "memory"), left_out=("prefix",)),
        page("q", HITS, degraded=["memory: it failed"]),
        event("q", "other", "skip", id="1"),
        event("q", "never-shown", "like", id="2"),
        event("q", "good", "click", id="3"),
        event("q", "other", "favourite", id="4"),
    ]
    policy = Told()
    folded(entries, State(policy))
    told = earned(entries[0].body, entries[1].body, [one.body for one in entries[2:]], Grades())
    assert [told] == policy.credits
    expected = {"lexical": 0.6 / 1.625, "dense": 0.6 / 1.6 / 1.625, "fuzzy": 0.0}
    assert told == pytest.approx(expected)


def test_a_stated_reward_earns_what_was_stated() -> None:
    shown, decided = page("q", HITS).body, decision("q", included=("lexical",)).body
    stated = {"object_id": "good", "action": "reward", "value": 0.5}
    assert earned(decided, shown, [stated], Grades()) == {"lexical": 0.5}


def test_without_a_page_or_a_choice_nothing_is_earned() -> None:
    body = decision("q", included=("lexical",), left_out=("dense",)).body
    assert earned(body, None, [], Grades()) == {"lexical": 0.0}
