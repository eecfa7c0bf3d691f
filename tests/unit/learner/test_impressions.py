"""What was not looked at is no evidence; what is not to be learnt from is not learnt anywhere."""

from __future__ import annotations

import itertools

import pytest
from journals import decision, event, folded, new_policy, page

from bandit_service.journal.entries import Entry
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.explorer import Explorer

HITS = {
    "a": [("lexical", 1, 9.0)],
    "b": [("lexical", 2, 8.0)],
    "c": [("dense", 1, 0.9)],
    "d": [("dense", 2, 0.8), ("lexical", 7, 1.0)],
}


def impressions(*entities: str, query: str = "q", session: str = "s1") -> list[Entry]:
    return [
        event(query, entity, "impression", id=f"i-{entity}", session=session, at=0)
        for entity in entities
    ]


def examined(state: State) -> dict[str, float]:
    return {entity: state.memory.evidence("key", entity).examined for entity in HITS}


def later(minutes: int) -> list[Entry]:
    return [event("clock", "x", id=f"t{n}", at=n, session=None) for n in range(1, minutes + 1)]


def looked(*shares: float) -> dict[str, float]:
    return {entity: pytest.approx(share) for entity, share in zip(HITS, shares, strict=True)}


def test_without_impressions_every_position_counts_by_itself() -> None:
    state = folded([decision("q"), page("q", HITS)])
    assert examined(state) == looked(1, 2**-0.7, 3**-0.7, 4**-0.7)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_is_below_the_last_impression_was_not_looked_at(order: tuple[int, ...]) -> None:
    parts = [[decision("q")], [page("q", HITS)], impressions("b", "a")]
    state = folded([entry for place in order for entry in parts[place]])
    assert examined(state) == looked(1, 2**-0.7, 0, 0)
    assert state.memory.evidence("key", "c").examiners == 0
    assert state.memory.evidence("key", "a").examiners == 1


def test_a_choice_further_down_was_looked_at_with_all_above_it() -> None:
    state = folded([decision("q"), page("q", HITS), *impressions("a"), event("q", "c", at=0)])
    assert examined(state) == looked(1, 2**-0.7, 3**-0.7, 0)


def test_what_is_looked_at_later_counts_then() -> None:
    second = page("q", {"e": [("lexical", 5, 1.0)]}, start=4)
    state = folded([decision("q"), page("q", HITS), *impressions("b"), second])
    assert state.memory.evidence("key", "e").examined == 0
    state = folded([decision("q"), page("q", HITS), *impressions("b"), second, *impressions("e")])
    assert state.memory.evidence("key", "e").examined == pytest.approx(5**-0.7)
    assert examined(state) == looked(1, 2**-0.7, 3**-0.7, 4**-0.7)


def test_what_another_page_of_the_session_had_shown_stays_looked_at() -> None:
    state = folded(
        [
            *[decision("q0"), page("q0", HITS)],
            *[decision("q"), page("q", HITS), *impressions("a")],
        ]
    )
    assert examined(state) == looked(1, 2**-0.7, 3**-0.7, 4**-0.7)
    assert state.memory.evidence("key", "d").examiners == 1


def test_impressions_teach_nothing_by_themselves_but_bound_what_no_choice_teaches() -> None:
    journal = [decision("q"), page("q", HITS), *impressions("a", "b")]
    assert "choice" not in folded(journal).counts
    state = folded([*journal, *later(31)])
    assert state.counts["no_choice"] == 1
    told = state.policy.dump()
    assert told.count(b"lexical") > 0
    # Nobody looked at anything that `dense` alone had brought.
    assert told.count(b"dense") == 0
    untold = folded([decision("q"), page("q", HITS), *later(31)]).policy
    assert untold.dump().count(b"dense") > 0


def test_killed_between_impressions_the_bytes_are_the_same() -> None:
    journal = [
        entry
        for n in range(6)
        for entry in (
            decision(f"q{n}", session=f"s{n % 2}"),
            page(f"q{n}", HITS, session=f"s{n % 2}"),
            *impressions("a", "b", "d", query=f"q{n}", session=f"s{n % 2}"),
            event(f"q{n}", "c", at=n, session=f"s{n % 2}"),
        )
    ]
    whole = dump_state(folded(journal))
    for stop in range(1, len(journal)):
        state = load_state(dump_state(folded(journal[:stop])), new_policy)
        assert dump_state(folded(journal, state)) == whole


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_says_not_to_learn_leaves_no_trace_whatever_comes_first(order: tuple) -> None:
    parts = [decision("q", learn=False), page("q", HITS, learn=False), event("q", "a", at=0)]
    state = folded([*(parts[place] for place in order), *later(31)])
    assert isinstance(state.policy, Explorer)
    assert state.policy.pages == 0
    assert list(state.memory.keys()) == []
    assert len(state.users) == 0
    assert state.trends.current(state.now, 1, 10) == []
    assert state.guard.to_json()["actors"] == {} or order[0] == 2
    assert state.shares.history() == []
