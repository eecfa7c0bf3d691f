"""What is remembered counts less as time goes by."""

from __future__ import annotations

import pytest

from bandit_service.known_query import FADES_EVERY_MS
from bandit_service.memory import Memory, examination

DAY_MS = 24 * 3_600_000
HALF_LIFE_MS = 10 * DAY_MS
BEGIN = 1_767_600_000_000


def chosen(memory: Memory, sessions: int, prior: float | None = None) -> None:
    for number in range(sessions):
        memory.show("key", f"s{number}", "a", 1, prior)
        memory.vote("key", f"s{number}", "a", "click", 0.6)


def begun() -> Memory:
    memory = Memory()
    memory.advance(BEGIN, HALF_LIFE_MS)
    return memory


def test_after_a_half_life_evidence_counts_half() -> None:
    memory = begun()
    chosen(memory, 8, prior=0.2)
    memory.advance(BEGIN + HALF_LIFE_MS, HALF_LIFE_MS)
    memory.show("key", "new", "b", 2)
    evidence = memory.evidence("key", "a")
    assert (evidence.clicks, evidence.examined) == pytest.approx((2.4, 4.0))
    assert memory.score("key", "a") == pytest.approx((2.4 + 0.2) / (4 + 1))
    # Who chose decides what others may see, and stays.
    assert (evidence.choosers, evidence.examiners) == (8, 8)


def test_a_score_goes_back_to_its_prior() -> None:
    memory = begun()
    chosen(memory, 8, prior=0.2)
    memory.advance(BEGIN + 30 * HALF_LIFE_MS, HALF_LIFE_MS)
    memory.show("key", "new", "b", 2)
    assert memory.score("key", "a") == pytest.approx(0.2, abs=1e-6)


def test_the_running_rate_fades_too() -> None:
    memory = begun()
    chosen(memory, 1000)
    memory.advance(BEGIN + 30 * HALF_LIFE_MS, HALF_LIFE_MS)
    assert memory.rate == pytest.approx(Memory().rate, abs=1e-5)


def test_within_the_hour_and_back_in_time_nothing_fades() -> None:
    memory = begun()
    chosen(memory, 3)
    before = memory.evidence("key", "a")
    for now in (BEGIN + FADES_EVERY_MS - 1, BEGIN - HALF_LIFE_MS):
        memory.advance(now, HALF_LIFE_MS)
        memory.show("key", "s0", "a", 1)
        assert memory.evidence("key", "a") == before


def test_what_has_faded_is_not_taken_back_twice() -> None:
    memory = begun()
    counted = memory.show("key", "s0", "a", 1)
    assert counted == examination(1)
    memory.advance(BEGIN + HALF_LIFE_MS, HALF_LIFE_MS)
    memory.hide("key", "s0", "a", counted)
    evidence = memory.evidence("key", "a")
    assert (evidence.examined, evidence.examiners) == (0.0, 0)
    assert memory.rate >= 0


def test_a_choice_that_has_faded_is_not_taken_back_twice() -> None:
    memory = begun()
    chosen(memory, 1)
    memory.advance(BEGIN + HALF_LIFE_MS, HALF_LIFE_MS)
    memory.vote("key", "s0", "a", "dislike", -1)
    assert memory.evidence("key", "a").clicks == pytest.approx(-1)


def test_kept_in_between_it_fades_the_same() -> None:
    memory, kept = begun(), begun()
    for day in range(40):
        for one in (memory, kept):
            one.advance(BEGIN + day * DAY_MS // 3, HALF_LIFE_MS)
            one.show("key", f"s{day // 5}", "a", 1)
            one.vote("key", f"s{day // 5}", "a", "click", 0.6)
        kept = Memory.from_json(kept.to_json())
    assert kept.to_json() == memory.to_json()
