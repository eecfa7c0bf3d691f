"""Examples from the journal: what was decided, and what people made of it."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from bandit_service.evaluation.off_policy.evaluate import Evaluation
from bandit_service.evaluation.off_policy.logged import collect
from bandit_service.journal.entries import Entry, decision_entry, feedback_entry, page_entry
from bandit_service.learner.credit import Grades
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from plugin.model import Candidate, Query

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ELIGIBLE = {"dense": {"cost": 0.2}, "lexical": {}}


def asked(id: str, *, learn: bool = True, seed: int = 1, arms: bool = True) -> list[Entry]:
    query = Query("love", "key", NOW, session=f"s-{id}")
    policy = Explorer(VwValueModel(), StaticPolicy({}, budget=20))
    decision = policy.decide({"tokens": 0.1}, ELIGIBLE, random.Random(seed))
    told = decision_entry(
        id, "j", query, decision, {"tokens": 0.1}, learn=learn, strategies=ELIGIBLE
    )
    if not arms:
        told.body.pop("arms")  # type: ignore[attr-defined]
    shown = [(Candidate(name, 1.0, ()), "song") for name in ("a", "b")]
    page = page_entry(
        id, "j", query, NOW, shown, 0, ["a", "b"], ranker_version="", degraded=[], learn=learn
    )
    return [told, page]


def did(id: str, entity: str, action: str, event: str = "e") -> Entry:
    body = {"object_id": entity, "action": action}
    return feedback_entry(id, "j", f"{event}-{entity}-{action}", NOW, body, session="", user=None)


@pytest.mark.parametrize(
    ("reward", "expected"), [("grade", [0.9, 0.0]), ("choice", [1.0, 0.0]), ("rank", [0.5, 0.0])]
)
def test_what_people_did_becomes_a_reward(reward: str, expected: list[float]) -> None:
    entries = [*asked("q1"), *asked("q2"), did("q1", "b", "click"), did("q1", "b", "like")]
    entries += [did("q1", "never-shown", "favourite"), did("q2", "a", "dislike")]
    random.Random(1).shuffle(entries)
    log = collect(entries, Grades(), reward)
    assert sorted((one.reward for one in log.examples), reverse=True) == expected
    (first, _) = log.examples
    assert first.context == {"tokens": 0.1}
    assert first.strategies == ELIGIBLE
    assert sum(arm.probability for arm in first.arms) == pytest.approx(1)


def test_of_stated_rewards_the_last_one_counts() -> None:
    entries = asked("q")
    for number, value in enumerate((0.9, 0.4)):
        body = {"object_id": "a", "action": "reward", "value": value}
        entries.append(feedback_entry("q", "j", f"r{number}", NOW, body, session="", user=None))
    (example,) = collect(entries, Grades()).examples
    assert example.reward == 0.4


def test_what_cannot_be_used_is_counted_by_reason() -> None:
    entries = [
        *asked("fine"),
        *asked("monitor", learn=False),
        *asked("early", arms=False),
        asked("no-page")[0],
        did("nobody", "a", "click"),
    ]
    log = collect(entries, Grades())
    assert len(log.examples) == 1
    assert log.counts == {
        "not to be learnt from": 1,
        "arms not logged": 1,
        "no page": 1,
        "no decision": 1,
    }


def test_a_policy_is_evaluated_on_a_journal_of_its_own() -> None:
    entries = [entry for n in range(300) for entry in asked(f"q{n}", seed=n)]
    entries += [did(f"q{n}", "a", "click") for n in range(0, 300, 3)]
    evaluation = Evaluation(collect(entries, Grades(), "choice").examples)
    assert evaluation.logged == pytest.approx(1 / 3)
    assert evaluation.sessions == 300
    same = Explorer(VwValueModel(), StaticPolicy({}, budget=20))
    assert evaluation.of(same)["ips"].value == pytest.approx(1 / 3)
    assert evaluation.of(same)["ips"] == evaluation.own()["ips"]
