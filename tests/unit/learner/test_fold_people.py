"""What the fold learns of users and trends, and how it forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from journals import INDEX, decision, event, folded, new_policy, page

from bandit_service.journal.entries import Entry, control_entry
from bandit_service.learner.forgotten import MOST_ORDERS, Forgotten, digest_of
from bandit_service.learner.state import State, dump_state, load_state

HITS = {"a": [("lexical", 1, 9.0)], "b": [("dense", 1, 0.8)]}


def by(user: str | None, entry: Entry) -> Entry:
    return replace(entry, user=user)


def visit(query: str, user: str | None, *actions: tuple[str, str], session: str | None) -> list:
    events = [
        by(user, event(query, entity, action, id=str(at), at=0, session=session))
        for at, (entity, action) in enumerate(actions)
    ]
    return [decision(query, session=session), page(query, HITS, session=session), *events]


def order(user: object, name: str = "forget") -> Entry:
    now = datetime(2026, 1, 5, 12, 0, 1, tzinfo=UTC)
    whose = digest_of(user) if isinstance(user, str) and user else user
    return control_entry(f"{name}-{user}", INDEX, now, name, {"whose": whose, "since": [1, 0]})


def likes(state: State, user: str) -> dict[str, float]:
    known = state.users.of(user)
    return dict(known.weights) if known else {}


def test_a_users_choices_and_refusals_are_learnt_across_sessions() -> None:
    state = folded(
        [
            *visit("q1", "u", ("a", "click"), session="s1"),
            *visit("q2", "u", ("a", "like"), ("b", "dislike"), session="s2"),
            *visit("q3", None, ("b", "click"), session="s3"),
        ]
    )
    assert likes(state, "u") == {"a": pytest.approx(1.5), "b": pytest.approx(-1.0)}
    assert len(state.users) == 1


def test_what_nobody_was_shown_is_nobodys_choice() -> None:
    state = folded(visit("q1", "u", ("elsewhere", "click"), session="s1"))
    assert len(state.users) == 0
    assert state.trends.current(state.now, 1, 10) == []


def test_choices_on_a_page_without_words_count_for_users_and_trends() -> None:
    entries = visit("q1", "u", ("a", "click"), session="s1")
    entries = [decision("q1", key=""), page("q1", HITS, key=""), *entries[2:]]
    state = folded(entries)
    assert likes(state, "u") == {"a": pytest.approx(0.6)}
    assert state.trends.current(state.now, 1, 10) == [("a", 1.0)]


def test_trends_count_distinct_sessions() -> None:
    state = folded(
        [
            *visit("q1", "u", ("a", "click"), session="s1"),
            *visit("q2", "u", ("a", "click"), session="s1"),
            *visit("q3", "u", ("b", "click"), session="s2"),
            *visit("q4", "u", ("b", "click"), session="s3"),
            *visit("q5", "u", ("a", "skip"), session="s4"),
        ]
    )
    assert state.trends.current(state.now, 1, 10) == [("b", 1.0), ("a", 0.5)]
    assert state.trends.current(state.now, 2, 10) == [("b", 1.0)]


def test_the_order_to_forget_leaves_no_trace_of_who_it_was() -> None:
    journal = [
        *visit("q1", "the-user", ("a", "click"), session=None),
        *visit("q2", "another", ("a", "click"), session="s2"),
        # Waits for its page, which comes after the order.
        decision("q3", session=None),
        by("the-user", event("q3", "b", at=0, session=None)),
        order("the-user"),
        page("q3", HITS, session=None),
    ]
    state = folded(journal)
    assert state.counts["forgotten"] == 1
    assert b"the-user" not in dump_state(state)
    assert likes(state, "another") == {"a": pytest.approx(0.6)}
    # What was learnt together stays.
    assert state.memory.evidence("key", "a").clicks == pytest.approx(1.2)
    assert "the-user" in state.users.changed


def test_who_comes_back_after_being_forgotten_is_new() -> None:
    before = visit("q1", "u", ("a", "click"), session="s1")
    after = [
        replace(entry, recorded_at=entry.recorded_at + 2_000)
        for entry in visit("q2", "u", ("b", "click"), session="s2")
    ]
    assert likes(folded([*before, order("u"), *after]), "u") == {"b": pytest.approx(0.6)}


@pytest.mark.parametrize("who", ["u", "s1"])
def test_what_was_under_way_when_the_order_was_given_leaves_no_trace_at_all(who: str) -> None:
    others = visit("q2", "another", ("a", "click"), session="s2")
    late = [by("u", one) for one in visit("q1", "u", ("b", "click"), session="s1")]
    without = folded([*others, order(who)])
    assert dump_state(folded([*others, order(who), *late])) == dump_state(without)
    # As in a replay, in which it is known from the beginning who was forgotten later on.
    state = State(new_policy())
    state.forgotten.add(digest_of(who), order(who).recorded_at)
    state = folded([*late, *others, order(who)], state)
    assert state.memory.to_json() == without.memory.to_json()
    assert state.forgotten.to_json() == without.forgotten.to_json()
    assert state.policy.dump() == without.policy.dump()


def test_orders_to_forget_are_bounded_and_the_latest_stay() -> None:
    forgotten = Forgotten()
    for at in range(MOST_ORDERS + 5):
        forgotten.add(f"digest {at}", at)
    kept = Forgotten.from_json(forgotten.to_json()).to_json()
    assert len(kept) == MOST_ORDERS
    assert "digest 4" not in kept
    assert "digest 5" in kept


@pytest.mark.parametrize("user", [None, "", 3, ["u"], {"u": 1}])
def test_an_order_that_makes_no_sense_holds_nothing_up(user: object) -> None:
    state = folded([*visit("q1", "u", ("a", "click"), session="s1"), order(user)])
    assert likes(state, "u") == {"a": pytest.approx(0.6)}
    assert "forgotten" not in state.counts


def test_another_order_forgets_nobody() -> None:
    state = folded([*visit("q1", "u", ("a", "click"), session="s1"), order("u", "promote")])
    assert likes(state, "u") != {}
    assert state.counts["control"] == 1


def test_resumed_anywhere_the_bytes_are_the_same() -> None:
    journal = [
        one
        for number in range(30)
        for one in (
            *visit(
                f"q{number}",
                f"u{number % 4}",
                ("ab"[number % 2], "click"),
                ("b", "skip"),
                session=f"s{number % 6}",
            ),
            *([order("u1")] if number == 17 else []),
        )
    ]
    whole = dump_state(folded(journal))
    for stop in range(1, len(journal), 7):
        state = load_state(dump_state(folded(journal[:stop])), new_policy)
        assert dump_state(folded(journal, state)) == whole
