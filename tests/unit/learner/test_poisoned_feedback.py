"""A bot that clicks one entity 5,000 times moves it by a bounded amount; people are not harmed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from journals import RULES, decision, event, folded, new_policy, page

from bandit_service.journal.entries import Entry
from bandit_service.learner.guard import Guard, Limits
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.explorer import Explorer

CLICKS = 5_000
HITS = {"good": [("lexical", 1, 9.0)], "bad": [("dense", 1, 0.8)]}


def visit(query: str, entity: str, session: str, **more: object) -> list[Entry]:
    at = more.pop("at", 0)
    return [
        decision(query, session=session, at=at, **more),
        page(query, HITS, session=session, at=at, **more),
        event(query, entity, session=session, at=at, client=more.get("client")),
    ]


def people(number: int = 60, *, client: bool = False) -> list[Entry]:
    """One session after another chooses what is good."""
    return [
        entry
        for n in range(number)
        for entry in visit(f"p{n}", "good", f"s{n}", at=n, client=f"c{n}" if client else None)
    ]


def bot(sessions: int, *, keys: int = 1, client: str | None = "bot", rate: float = 10) -> list:
    """5,000 clicks on what is bad, ``rate`` a minute."""
    return [
        entry
        for n in range(CLICKS)
        for entry in visit(
            f"b{n}",
            "bad",
            f"bot{n % sessions}",
            at=60 + n / rate,
            client=client,
            key=f"key{n % keys}" if keys > 1 else "key",
        )
    ]


def scores(state: State, key: str = "key") -> tuple[float, float]:
    return state.memory.score(key, "good"), state.memory.score(key, "bad")


def pages(state: State) -> int:
    assert isinstance(state.policy, Explorer)
    return state.policy.pages


def values(state: State) -> dict[str, float]:
    assert isinstance(state.policy, Explorer)
    return state.policy.values({"tokens": 0.2}, {"lexical": {"cost": 0.1}, "dense": {"cost": 0.1}})


@pytest.mark.parametrize(
    ("sessions", "voices", "client"), [(1, 1, None), (1, 1, "bot"), (CLICKS, 1, "bot")]
)
def test_one_session_or_client_has_a_bounded_say(
    sessions: int, voices: int, client: str | None
) -> None:
    # The bot is at it for eight hours: votes are counted here without their fading.
    unfading = replace(RULES, memory_half_life_ms=10**15)
    honest = folded(people(), rules=unfading)
    poisoned = folded([*people(), *bot(sessions, client=client)], rules=unfading)
    before, after = honest.memory.evidence("key", "bad"), poisoned.memory.evidence("key", "bad")
    assert after.clicks - before.clicks == pytest.approx(0.6 * voices)
    assert after.choosers - before.choosers == voices
    # Sixty people examined it and did not choose it.
    assert scores(poisoned)[1] - scores(honest)[1] < 0.6 * voices / (60 * 2**-0.7)
    assert scores(poisoned)[0] == pytest.approx(scores(honest)[0], abs=0.02)
    trend = dict(poisoned.trends.current(poisoned.now, 1, 10))
    assert trend["good"] == 1.0
    assert poisoned.trends._entities["bad"].choosers == voices


def test_alone_a_client_never_makes_anything_public() -> None:
    state = folded(bot(CLICKS))
    assert state.memory.remembered("key", 3) is None
    assert state.trends.current(state.now, 3, 10) == []
    # Nor by asking in a thousand ways.
    many = folded(bot(CLICKS, keys=1_000))
    assert all(many.memory.remembered(key, 3) is None for key in [*many.memory.keys()])


def test_the_policy_is_taught_three_times_a_window_by_one_voice() -> None:
    state = folded([*people(), *bot(1, rate=5)])  # 1,000 minutes: some 34 windows
    assert 0 < pages(state) - 60 <= 3 * 35
    honest = folded(people())
    assert values(honest)["lexical"] > values(honest)["dense"]


@pytest.mark.parametrize("sessions", [1, CLICKS])
def test_a_burst_moves_the_policy_little(sessions: int) -> None:
    honest, poisoned = folded(people()), folded([*people(), *bot(sessions, rate=500)])
    for strategy, value in values(honest).items():
        assert values(poisoned)[strategy] == pytest.approx(value, abs=0.15)


@pytest.mark.parametrize("sessions", [1, CLICKS])
def test_a_patient_bot_among_people_does_not_turn_the_policy(sessions: int) -> None:
    patient = bot(sessions, rate=5)
    crowd = [
        entry
        for n in range(CLICKS // 5)
        for entry in (*visit(f"p{n}", "good", f"s{n}", at=60 + n), *patient[15 * n : 15 * n + 15])
    ]
    state = folded([*people(), *crowd])
    assert values(state)["lexical"] > 2 * values(state)["dense"]
    assert scores(state)[0] > 0.5
    assert scores(state)[1] < 0.01


def test_a_burst_is_quarantined_counted_and_over_a_window_after_its_end() -> None:
    state = folded([*people(), *bot(1, rate=500)])
    assert state.guard.quarantines == 1  # the session; of a client, five hundred would pass
    assert state.counts["quarantined"] == 1
    assert state.guard.quarantined(state.now) == 1
    assert state.counts["held"] > 4_900
    assert pages(state) - 60 <= 3
    later = [
        entry
        for minute in range(40)
        for entry in visit(f"later{minute}", "good", "somebody", at=70 + minute)
    ]
    again = folded([*people(), *bot(1, rate=500), *later, *visit("x", "good", "bot0", at=111)])
    assert again.guard.quarantined(again.now) == 0
    assert again.counts["held"] == state.counts["held"]


def test_many_searches_without_a_choice_are_bounded_as_well() -> None:
    floods = [
        entry
        for n in range(CLICKS)
        for entry in (
            decision(f"f{n}", session=f"flood{n}", at=n / 1000, client="bot"),
            page(f"f{n}", HITS, session=f"flood{n}", at=n / 1000, client="bot"),
        )
    ]
    clock = [event("clock", "x", session=None, at=at, id=str(at)) for at in range(6, 50)]
    state = folded([*floods, *clock])
    assert state.counts["no_choice"] <= Limits().client_acts // 5
    assert state.memory.evidence("key", "good").examiners <= 2


def test_people_behind_their_own_addresses_teach_as_if_nobody_looked() -> None:
    # Who votes is written down, and is the session where a client has more than one voice.
    rules = replace(RULES, limits=Limits(voices=2))
    with_clients = folded(people(300, client=True), rules=rules)
    without = folded(people(300), rules=rules)
    assert with_clients.policy.dump() == without.policy.dump()
    assert with_clients.memory.to_json() == without.memory.to_json()
    assert with_clients.trends.to_json() == without.trends.to_json()
    assert with_clients.counts == without.counts
    assert "held" not in without.counts


def test_a_lively_session_is_learnt_from_whole() -> None:
    """A search every 15 seconds for half an hour, and something chosen from each."""
    entities = {f"e{n}": [("lexical", n + 1, 1.0)] for n in range(10)}
    journal: list[Entry] = []
    for n in range(120):
        query, at = f"q{n}", n / 4
        journal += [
            decision(query, at=at, key=f"k{n}"),
            page(query, entities, at=at, key=f"k{n}"),
            event(query, f"e{n % 10}", at=at),
            event(query, f"e{(n + 1) % 10}", "like", at=at, id="e2"),
        ]
    state = folded(journal[: 3 * 4 * 30])  # ninety searches with two choices each
    assert "held" not in state.counts
    assert state.guard.quarantines == 0


def test_who_gives_nothing_to_be_known_by_is_not_limited() -> None:
    entries: Iterable[Entry] = (
        entry
        for n in range(1000)
        for entry in (
            decision(f"q{n}", session=None),
            page(f"q{n}", HITS, session=None),
            event(f"q{n}", "good", session=None),
        )
    )
    state = folded(entries)
    assert state.counts["choice"] == 1000
    assert state.memory.evidence("key", "good").choosers == 0


def test_killed_in_the_middle_of_a_burst_the_bytes_are_the_same() -> None:
    journal = [*people(10), *bot(7, rate=300)[:900]]
    whole = dump_state(folded(journal))
    for stop in (31, 200, 555):
        state = load_state(dump_state(folded(journal[:stop])), new_policy)
        assert dump_state(folded(journal, state)) == whole


def test_the_guard_remembers_the_active_only() -> None:
    guard, limits = Guard(), Limits()
    for minute in range(200):
        for n in range(20):
            guard.admit(f"s{minute}-{n}", f"c{n}", minute * 60_000, limits)
    assert len(guard.to_json()["actors"]) <= 20 * 31 + 20


def test_all_sessions_of_a_client_have_one_voice_by_default() -> None:
    guard, limits = Guard(), Limits()
    assert guard.voice("s", "c", limits) == guard.voice("t", "c", limits) == "c"
    assert guard.voice("s", "", limits) == "s"


def test_a_client_is_forgotten_whole() -> None:
    guard, limits = Guard(), Limits(voices=2)
    assert guard.voice("s", "c", limits) == "s"
    assert guard.voice("t", "c", limits) == "c"
    guard.admit("s", "c", 0, limits)
    guard.forget("s")
    assert guard.to_json()["voices"] == {"c": []}
    guard.forget("c")
    assert guard.to_json() == {"actors": {}, "voices": {}, "quarantines": 0}
