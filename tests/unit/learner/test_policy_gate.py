"""Challengers that are better, equal and worse before the gate, and its verdicts in the journal."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from journals import INDEX, decision, event, new_policy, page
from journals import folded as folded_by

from bandit_service.journal.controls import PolicyVerdict
from bandit_service.journal.entries import Entry, control_entry
from bandit_service.learner.gating import PolicyGate, judged
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.contest import Contest, Entrant
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.static import StaticPolicy
from plugin.errors import NodeUnavailable

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HITS = {"a": [("lexical", 1, 9.0)], "b": [("dense", 1, 0.8)]}


def rls() -> Explorer:
    return Explorer(RlsValueModel(), StaticPolicy({}, budget=200))


def new_contest() -> Contest:
    return Contest(Entrant("explorer", new_policy), Entrant("rls", rls))


def played(wins: float, pages: int, seed: int = 1, policy: Contest | None = None) -> Contest:
    """``policy`` after ``pages``, of which the challenger won the share ``wins``."""
    policy = policy or new_contest()
    dice = random.Random(seed)
    for _ in range(pages):
        policy.choose("rls" if dice.random() < wins else "explorer")
    return policy


def foretold(policy: Contest, *, worse: bool) -> Contest:
    """``policy`` after pages of which the challenger foretold nothing, or all as well."""
    truth = {"dense": 0.7, "lexical": 0.1}
    wrong = {"dense": 0.0, "lexical": 0.8}
    chances = dict.fromkeys(truth, 0.9)
    for at in range(600):
        credits = {name: truth[name] + (0.05 if at % 2 else -0.05) for name in truth}
        policy.foretelling.add(credits, chances, truth, wrong if worse else truth)
    return policy


def order(id: str, body: Mapping[str, Any]) -> Entry:
    return control_entry(id, INDEX, NOON, body["name"], {**body})


def verdict(what: str, *, challenger: str = "rls", incumbent: str = "explorer") -> dict[str, Any]:
    names = {"challenger": challenger, "incumbent": incumbent}
    return {"name": "policy_verdict", "verdict": what, **names, "evidence": {}}


def test_the_better_serves_the_equal_too_and_the_worse_goes() -> None:
    assert judged(played(0.6, 2000), 0.1) == "promoted"
    assert judged(played(0.5, 4000), 0.1) == "promoted"
    assert judged(played(0.4, 2000), 0.1) == "dropped"
    assert judged(played(0.6, 20), 0.1) is None


def test_one_that_foretells_worse_is_kept_waiting_even_if_it_wins() -> None:
    assert judged(foretold(played(0.6, 2000), worse=True), 0.1) == "waiting"
    assert judged(foretold(played(0.6, 2000), worse=False), 0.1) == "promoted"


def test_a_promoted_one_gives_back_only_what_it_loses() -> None:
    policy = played(0.6, 2000)
    policy.obey("promoted", "rls", "explorer")
    assert judged(played(0.5, 2000, policy=policy), 0.1) is None
    assert judged(played(0.2, 2000, policy=policy), 0.1) == "rolled_back"
    policy.obey("rolled_back", "rls", "explorer")
    assert judged(played(0.9, 2000, policy=policy), 0.1) is None


def test_of_equals_hardly_any_is_dropped_however_often_it_is_asked() -> None:
    runs, dropped = 200, 0
    for seed in range(runs):
        policy, dice = new_contest(), random.Random(seed)
        for _ in range(600):
            policy.choose(dice.choice(("rls", "explorer", "both")))
            if judged(policy, 0.0) == "dropped":
                dropped += 1
                break
    assert dropped <= 0.05 * runs


def test_one_that_is_worse_by_the_margin_is_hardly_ever_promoted() -> None:
    runs, let_through = 200, 0
    for seed in range(runs):
        policy, dice = new_contest(), random.Random(seed)
        for _ in range(600):
            policy.choose("rls" if dice.random() < 0.4 else "explorer")
            if (said := judged(policy, 0.2)) is not None:
                let_through += said == "promoted"
                break
    assert let_through <= 0.05 * runs


def test_a_verdict_is_given_once_and_again_only_if_it_did_not_arrive() -> None:
    given: list[PolicyVerdict] = []
    down = True

    def give(one: PolicyVerdict) -> None:
        if down:
            raise NodeUnavailable("away")
        given.append(one)

    gate, policy = PolicyGate(give, 0.1), played(0.6, 2000)
    gate.judge(policy)
    assert given == []
    down = False
    gate.judge(policy)
    gate.judge(policy)
    (only,) = given
    assert (only["verdict"], only["challenger"], only["incumbent"]) == (
        "promoted",
        "rls",
        "explorer",
    )
    assert only["evidence"]["pages"] == 2000
    policy.obey("promoted", "rls", "explorer")
    gate.judge(played(0.2, 2000, policy=policy))
    assert [one["verdict"] for one in given] == ["promoted", "rolled_back"]


def test_a_policy_that_nobody_challenges_is_not_judged() -> None:
    gate = PolicyGate(lambda one: pytest.fail(str(one)), 0.1)
    gate.judge(new_policy())


def visit(query: str, whose: tuple[str, str], choose: str | None) -> list[Entry]:
    """A shared page: "a" drafted by the first of ``whose``, "b" by the second."""
    decided = decision(query, session=query)
    body = dict(decided.body)
    ran = {"lexical": 0.8, "dense": 0.9}
    body["arms"] = [{"arm": "challenge", "probability": 1.0, "propensities": ran, "fallback": None}]
    shown = page(query, HITS, session=query)
    ranking = {"query": {}, "rows": [None, None], "swappable": [], "policies": list(whose)}
    entries = [replace(decided, body=body), replace(shown, body={**shown.body, "ranking": ranking})]
    return [*entries, event(query, choose, session=query)] if choose else entries


def folded(entries: Iterable[Entry], state: State | None = None) -> State:
    return folded_by(entries, state or State(new_contest()))


def contest_of(state: State) -> Contest:
    assert isinstance(state.policy, Contest)
    return state.policy


JOURNAL = [
    *visit("q1", ("rls", "explorer"), "a"),
    *visit("q2", ("both", "rls"), "a"),
    *visit("q3", ("explorer", "rls"), None),
    order("early", verdict("rolled_back")),
    order("others", verdict("promoted", challenger="thompson")),
    order("promote", verdict("promoted")),
    *visit("q4", ("explorer", "rls"), "b"),
    *visit("q5", ("explorer", "rls"), "a"),
    order("back", verdict("rolled_back")),
    *visit("q6", ("explorer", "rls"), "a"),
]


def test_the_first_choice_of_a_shared_page_is_evidence_until_the_verdict() -> None:
    before = contest_of(folded(JOURNAL[:10]))
    assert (before.stage, before.duel.count, before.foretelling.pages) == ("trial", 2, 2)
    between = contest_of(folded(JOURNAL[:17]))
    assert (between.stage, between.duel.count, between.foretelling.pages) == ("promoted", 2, 2)
    after = folded(JOURNAL)
    assert (contest_of(after).stage, contest_of(after).duel.count) == ("dropped", 0)
    assert after.counts["policy_promoted"] == after.counts["policy_rolled_back"] == 1
    assert after.counts["refused"] == 2


def test_a_later_choice_of_the_same_page_is_no_evidence() -> None:
    again = event("q1", "b", id="e2", session="q1")
    assert contest_of(folded([*visit("q1", ("rls", "explorer"), "a"), again])).duel.count == 1


def test_stopped_anywhere_in_a_contest_the_fold_gives_the_same_bytes() -> None:
    whole = dump_state(folded(JOURNAL))
    for stop in range(1, len(JOURNAL), 2):
        half = load_state(dump_state(folded(JOURNAL[:stop])), new_contest)
        assert dump_state(folded(JOURNAL, half)) == whole


def test_a_verdict_without_a_challenger_changes_nothing() -> None:
    state = folded_by([order("v", verdict("promoted"))])
    assert state.counts == Counter(control=1, refused=1)


def test_without_a_challenger_the_state_holds_nothing_of_it() -> None:
    state = folded_by(visit("q", ("rls", "explorer"), None))
    (open_page,) = state.open.values()
    assert open_page.decision is not None
    assert set(open_page.decision) == {"context", "eligible"}
