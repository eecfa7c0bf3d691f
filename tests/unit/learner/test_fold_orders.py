"""Orders in the journal: models that were fitted, promoted, rolled back; the same in a replay."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from journals import INDEX, RULES, decision, event, new_policy, page, placed

from bandit_service.journal.controls import (
    Order,
    fitted_model,
    promote,
    roll_back,
)
from bandit_service.journal.entries import Entry, control_entry
from bandit_service.journal.reader import Position
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.models import MOST_NAMED, Models
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.explorer import Explorer
from plugin.errors import NodeUnavailable

HITS = {"a": [("lexical", 1, 9.0)], "b": [("dense", 1, 0.8)]}
FIRST, SECOND = "1" * 64, "2" * 64
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def order(id: str, body: Order) -> Entry:
    return control_entry(id, INDEX, NOON, body["name"], {**body})


def fit(sha256: str) -> Entry:
    return order(f"fit {sha256}", fitted_model("ranker", sha256, trained_to=(1, 0)))


def visits(name: str, count: int, choose: str = "b") -> list[Entry]:
    return [
        entry
        for number in range(count)
        for query in [f"{name}{number}"]
        for entry in (
            decision(query, session=query),
            page(query, HITS, session=query),
            event(query, choose, session=query),
        )
    ]


def folded(
    entries: Iterable[Entry], artefacts: Mapping[str, bytes] | None = None, state: Any = None
) -> State:
    rules = Rules(window_ms=RULES.window_ms, artefact=(artefacts or {}).get)
    state = state or State(new_policy())
    for one in placed(entries):
        if one.position > state.position:
            fold(state, one, rules)
    return state


def dense(state: State) -> float:
    assert isinstance(state.policy, Explorer)
    return state.policy.values({"tokens": 0.2}, {"lexical": {}, "dense": {}})["dense"]


def test_what_was_fitted_is_served_once_it_is_promoted() -> None:
    state = folded([fit(FIRST)])
    assert state.models.fitted["ranker"].sha256 == FIRST
    assert not state.models.served
    state = folded([fit(FIRST), order("p", promote("ranker", FIRST)), fit(SECOND)])
    assert state.models.served["ranker"].version == "ranker-g1-1"
    assert state.models.fitted["ranker"].version == "ranker-g1-3"
    assert state.counts == {"control": 3, "fitted": 2, "promoted": 1}


def test_a_model_goes_back_to_an_earlier_one_or_to_none() -> None:
    journal = [fit(FIRST), fit(SECOND), order("p", promote("ranker", SECOND))]
    back = [*journal, order("r", roll_back({"ranker": FIRST}))]
    assert folded(back).models.served["ranker"].sha256 == FIRST
    assert folded([*back, order("off", roll_back({"ranker": None}))]).models.served == {}


def test_orders_that_cannot_be_carried_out_change_nothing_and_are_counted() -> None:
    journal = [fit(FIRST), order("p", promote("ranker", FIRST))]
    senseless: list[Any] = [
        promote("ranker", SECOND),
        promote("adapter", FIRST),
        roll_back({"ranker": SECOND}),
        roll_back({"ranker": None}, policy=FIRST),  # of no artefact
        {"name": "promote"},
        {"name": "roll_back", "policy": None},
        {"name": "roll_back", "policy": None, "models": ["ranker"]},
        {"name": "fitted_model", "model": "ranker"},
    ]
    state = folded([*journal, *(order(str(n), body) for n, body in enumerate(senseless))])
    assert state.models.served["ranker"].sha256 == FIRST
    assert state.counts["refused"] == len(senseless)
    state = folded([*journal, order("other", {"name": "of others"})])  # type: ignore[arg-type]
    assert "refused" not in state.counts


def test_a_roll_back_goes_on_from_the_old_policy_and_keeps_what_is_known() -> None:
    good = visits("good", 30)
    old = folded(good)
    policy = old.policy.dump()
    sha256 = hashlib.sha256(policy).hexdigest()
    bad = visits("bad", 60, choose="a")
    journal = [*good, *bad, order("r", roll_back({}, to=old.version, policy=sha256))]
    spoilt = folded(journal[:-1])
    assert dense(spoilt) < dense(old)
    state = folded(journal, {sha256: policy})
    assert dense(state) == dense(old)
    assert state.counts["rolled_back"] == 1
    assert state.position.seq_no == len(journal) - 1
    assert state.memory.to_json() == spoilt.memory.to_json()
    # What comes after it is learnt as from then on.
    more = visits("more", 5, choose="a")
    assert dense(folded([*journal, *more], {sha256: policy})) == dense(folded([*good, *more]))


def test_stopped_at_any_order_the_fold_gives_the_same_bytes() -> None:
    policy = folded(visits("x", 3)).policy.dump()
    sha256 = hashlib.sha256(policy).hexdigest()
    artefacts = {sha256: policy}
    journal = [
        *visits("a", 3),
        fit(FIRST),
        order("p", promote("ranker", FIRST)),
        *visits("b", 3),
        order("r", roll_back({"ranker": None}, policy=sha256)),
        fit(SECOND),
        *visits("c", 3),
    ]
    whole = dump_state(folded(journal, artefacts))
    for stop in range(9, len(journal), 2):
        half = load_state(dump_state(folded(journal[:stop], artefacts)), new_policy)
        assert dump_state(folded(journal, artefacts, half)) == whole


def test_an_artefact_that_cannot_be_asked_for_now_leaves_the_state_as_it_was() -> None:
    def down(_: str) -> bytes | None:
        raise NodeUnavailable("down")

    state = folded(visits("a", 2))
    before = dump_state(state)
    entry = placed([*visits("a", 2), order("r", roll_back({}, policy=FIRST))])[-1]
    with pytest.raises(NodeUnavailable):
        fold(state, entry, Rules(artefact=down))
    assert dump_state(state) == before


def test_what_a_replay_from_an_older_snapshot_asks_for_is_needed() -> None:
    models = Models()
    models.fit("ranker", FIRST, Position(1, 10))
    models.fit("ranker", SECOND, Position(1, 20))
    assert models.needed(Position(1, 5)) == {FIRST, SECOND}
    assert models.needed(Position(1, 15)) == {SECOND}
    models.serve("ranker", FIRST)
    assert models.needed(Position(2, 0)) == {FIRST, SECOND}
    assert Models.from_json(models.to_json()).to_json() == models.to_json()


def test_however_many_are_fitted_the_state_stays_bounded() -> None:
    models = Models()
    for number in range(MOST_NAMED + 50):
        models.fit("ranker", f"{number:064d}", Position(1, number))
    models.serve("ranker", f"{MOST_NAMED + 49:064d}")
    assert len(models.needed(Position())) == MOST_NAMED
