"""The fold over tiny journals: what is learnt, once, whatever the order."""

from __future__ import annotations

import itertools
import random

import pytest
from journals import MINUTE, RULES, START, decision, event, folded, new_policy, page

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed, Position
from bandit_service.learner.fold import fold
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.explorer import Explorer
from plugin.errors import BrokenState

HITS = {
    "a": [("lexical", 1, 9.0), ("dense", 3, 0.5)],
    "b": [("dense", 1, 0.8)],
    "c": [("memory", 1, 0.4)],
}


def later(minutes: float) -> list[Entry]:
    """Entries of another query that move journal time on, a minute each."""
    return [
        event("clock", "nothing", id=f"t{minute}", at=minute)
        for minute in range(1, int(minutes) + 1)
    ]


def learnt(state: State) -> int:
    assert isinstance(state.policy, Explorer)
    return state.policy.pages


def test_a_choice_is_learnt_at_once_and_once() -> None:
    state = folded([decision("q"), page("q", HITS), event("q", "a"), event("q", "b", id="e2")])
    assert learnt(state) == 1
    assert state.counts["choice"] == 1
    assert state.counts["regraded"] == 1


def test_the_strategy_that_brought_the_choice_is_worth_more_than_the_one_that_did_not() -> None:
    entries = []
    for number in range(50):
        query, who = f"q{number}", f"s{number}"
        entries += [
            decision(query, session=who),
            page(query, HITS, session=who),
            event(query, "b", session=who),
        ]
    policy = folded(entries).policy
    assert isinstance(policy, Explorer)
    values = policy.values({"tokens": 0.2}, {"lexical": {"cost": 0.1}, "dense": {"cost": 0.1}})
    assert values["dense"] > 0.3
    assert values["lexical"] < 0.1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_decision_page_and_event_may_come_in_any_order(order: tuple[int, ...]) -> None:
    parts = [decision("q"), page("q", HITS), event("q", "a", at=0)]
    state = folded([parts[place] for place in order])
    assert state.counts["choice"] == 1
    assert learnt(state) == 1
    assert state.memory.evidence("key", "a").clicks == pytest.approx(0.6)
    assert state.memory.evidence("key", "b").examined == pytest.approx(2**-0.7)


def test_entries_that_come_twice_count_once() -> None:
    once = [decision("q"), page("q", HITS), event("q", "a")]
    state = folded([one for entry in once for one in (entry, entry)])
    assert state.counts["repeated"] == 3
    assert learnt(state) == 1
    assert state.memory.evidence("key", "a").clicks == pytest.approx(0.6)


def test_the_same_entry_in_two_journal_indexes_counts_once() -> None:
    once = [decision("q"), page("q", HITS), event("q", "a")]
    state = folded(once)
    for number, entry in enumerate(once):
        fold(state, Placed(Position(2, number), entry), RULES)
    assert state.version == "g2-3"
    assert state.counts["repeated"] == 3
    assert learnt(state) == 1


def test_a_page_without_a_choice_closes_at_the_windows_end() -> None:
    state = folded([decision("q"), page("q", HITS), *later(29)])
    assert "no_choice" not in state.counts
    state = folded([decision("q"), page("q", HITS), *later(30)])
    assert state.counts["no_choice"] == 1
    assert learnt(state) == 1


def test_skips_and_dislikes_are_no_choice() -> None:
    state = folded(
        [
            decision("q"),
            page("q", HITS),
            event("q", "a", "skip"),
            event("q", "b", "dislike", id="2"),
        ]
    )
    assert "choice" not in state.counts
    assert state.memory.evidence("key", "b").clicks == pytest.approx(-1)


def test_an_event_after_the_window_is_late_and_changes_nothing() -> None:
    journal = [decision("q"), page("q", HITS), *later(31)]
    before = folded(journal)
    state = folded([*journal, event("q", "a", at=31), *later(62)])
    assert state.counts["late"] >= 1
    assert "choice" not in state.counts
    assert state.memory.evidence("key", "a") == before.memory.evidence("key", "a")


def test_what_says_not_to_learn_is_not_learnt() -> None:
    state = folded(
        [decision("q", learn=False), page("q", HITS, learn=False), event("q", "a"), *later(31)]
    )
    assert learnt(state) == 0
    assert list(state.memory.keys()) == []
    assert state.counts["not_learnt"] == 1
    assert state.shares.history() == []


def test_an_event_about_what_was_not_shown_is_counted_and_earns_nothing() -> None:
    state = folded([decision("q"), page("q", HITS), event("q", "elsewhere"), *later(31)])
    assert state.counts["not_shown"] == 1
    assert state.counts["no_choice"] == 1


def test_a_choice_that_only_a_rule_put_there_teaches_nothing_of_strategies() -> None:
    pinned = page("q1", {"a": [("rule", 1, 1.0)], "b": [("lexical", 1, 2.0)]})
    state = folded([decision("q1"), pinned, event("q1", "a"), event("q1", "b", at=1)])
    assert learnt(state) == 0
    assert state.counts["chosen_unbrought"] == 1
    assert state.memory.evidence("key", "a").clicks > 0


def test_a_choice_on_a_later_page_counts() -> None:
    second = page("q", {"z": [("lexical", 11, 1.0)]}, start=10)
    state = folded([decision("q"), page("q", HITS), event("q", "z"), second])
    assert state.counts["choice"] == 1


def test_a_strategy_that_failed_learns_nothing_from_the_page() -> None:
    state = folded(
        [decision("q"), page("q", {"b": HITS["b"]}, degraded=["lexical: gone"]), event("q", "b")]
    )
    assert state.policy.dump().count(b"lexical") == 0


def test_one_wrong_clock_cannot_close_every_window() -> None:
    wrong = event("other", "x", at=60 * 24 * 365)
    state = folded([decision("q"), page("q", HITS), wrong, event("q", "a", id="2")])
    assert state.now == START + MINUTE
    assert state.counts["choice"] == 1


def test_journal_time_never_goes_back() -> None:
    state = folded([decision("q", at=5), page("q", HITS, at=-100)])
    assert state.now == START + 5 * MINUTE


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": "x", "memory_key": "k", "context": {"t": None}, "choices": []},
        {"query": "x", "memory_key": "k", "context": [], "choices": 3},
        {"query": "x", "memory_key": "k", "context": {}, "choices": [{"strategy": 1}]},
    ],
)
def test_an_entry_that_makes_no_sense_holds_nothing_up(body: dict[str, object]) -> None:
    broken = decision("broken")
    broken = Entry(broken.id, "decision", broken.index, broken.recorded_at, body, "broken", "s")
    state = folded(
        [
            *[broken, page("broken", HITS), event("broken", "a"), None],
            *[decision("q"), page("q", HITS), event("q", "a")],
            *later(31),
        ]
    )
    assert state.counts["choice"] >= 1
    assert state.counts["foreign"] == 1


def test_features_that_nothing_may_learn_from_are_refused_and_counted() -> None:
    hostile = decision("q", context={"tokens": 1e300})
    state = folded([hostile, page("q", HITS), event("q", "a")])
    assert state.counts["refused"] == 1
    assert learnt(state) == 0


def test_one_query_cannot_fill_the_state() -> None:
    flood = [event("q", "a", id=str(number)) for number in range(1500)]
    state = folded([decision("q"), page("q", HITS), *flood])
    assert state.counts["crowded"] == 1500 + 2 - 1000
    assert len(dump_state(state)) < 40_000


def random_journal(seed: int, queries: int = 60) -> list[Entry]:
    rng = random.Random(seed)
    entries: list[tuple[float, Entry]] = []
    for number in range(queries):
        query, at = f"q{number}", number * 1.5
        session = f"s{rng.randrange(9)}"
        key = f"key{rng.randrange(4)}"
        parts = [
            decision(query, at=at, session=session, key=key),
            page(query, HITS, at=at, session=session, key=key),
        ]
        for choice in range(rng.randrange(4)):
            action = rng.choice(["click", "play", "like", "skip", "dislike", "impression"])
            entity = rng.choice("abcd")
            parts.append(event(query, entity, action, id=str(choice), at=at, session=session))
        for part in parts:
            for _ in range(rng.choice([1, 1, 1, 2])):
                entries.append((at + rng.random() * rng.choice([1, 5, 50]), part))
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]


@pytest.mark.parametrize("seed", range(5))
def test_killed_anywhere_and_resumed_gives_the_same_bytes_as_one_go(seed: int) -> None:
    journal = random_journal(seed)
    whole = dump_state(folded(journal))
    rng = random.Random(seed)
    state = State(new_policy())
    for stop in sorted(rng.sample(range(len(journal)), 8)):
        state = load_state(dump_state(folded(journal[:stop], state)), new_policy)
    assert dump_state(folded(journal, state)) == whole


def test_a_snapshot_cut_at_every_tenth_of_its_length_is_refused() -> None:
    whole = dump_state(folded(random_journal(1)))
    for tenth in range(10):
        with pytest.raises(BrokenState):
            load_state(whole[: len(whole) * tenth // 10], new_policy)


def test_shares_stay_bounded_and_whole() -> None:
    state = State(new_policy())
    for number in range(5000):
        state.shares.add(decision(f"q{number}").body["choices"])
    history = state.shares.history()
    assert len(history) <= 200
    assert history[-1]["decisions"] == 5000
    assert history[0]["weights"] == {"dense": 0.5, "lexical": 0.5}
    assert RULES.window_ms == 30 * MINUTE
