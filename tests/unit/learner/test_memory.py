"""Query → entity memory."""

from __future__ import annotations

import orjson
import pytest

from bandit_service.known_query import MOST_ENTITIES, RECENT_SESSIONS
from bandit_service.memory import Memory, examination, lookers


def seen_by(memory: Memory, sessions: int, entity: str = "a", *, click: bool = True) -> None:
    for number in range(sessions):
        memory.show("key", f"s{number}", entity, 1, None)
        if click:
            memory.vote("key", f"s{number}", entity, "click", 0.6)


def test_the_score_is_clicks_over_examinations_with_a_prior() -> None:
    memory = Memory()
    memory.show("key", "s1", "a", 1, 0.3)
    memory.vote("key", "s1", "a", "click", 0.6)
    assert memory.score("key", "a") == pytest.approx((0.6 + 0.3) / (1 + 1))


def test_without_a_prediction_the_running_click_rate_is_the_prior() -> None:
    memory = Memory()
    assert memory.rate == pytest.approx(0.1)
    memory.show("key", "s1", "a", 1, None)
    assert memory.score("key", "a") == pytest.approx(memory.rate / (1 + 1))


def test_others_see_it_only_after_enough_distinct_sessions() -> None:
    memory = Memory()
    seen_by(memory, 2)
    memory.name("key", "tayler love")
    assert memory.remembered("key", 3) is None
    seen_by(memory, 3)
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert [entity for entity, _ in remembered.references] == ["a"]
    assert remembered.text == "tayler love"


def test_one_session_has_one_vote_however_often_it_clicks() -> None:
    once, often = Memory(), Memory()
    seen_by(once, 1)
    for _ in range(5000):
        seen_by(often, 1)
    assert often.evidence("key", "a") == once.evidence("key", "a")


def test_anybody_without_a_session_shares_one_vote_and_is_no_distinct_session() -> None:
    memory = Memory()
    for _ in range(10):
        memory.show("key", "", "a", 1, None)
        memory.vote("key", "", "a", "click", 0.6)
    evidence = memory.evidence("key", "a")
    assert evidence.clicks == pytest.approx(0.6)
    assert evidence.choosers == 0


def test_a_changed_mind_replaces_the_old_grade() -> None:
    memory = Memory()
    memory.vote("key", "s1", "a", "like", 0.9)
    memory.vote("key", "s1", "a", "dislike", -1)
    evidence = memory.evidence("key", "a")
    assert evidence.clicks == pytest.approx(-1)
    assert evidence.choosers == 0
    assert memory.score("key", "a") == 0


def test_what_is_always_shown_and_never_chosen_sinks() -> None:
    memory = Memory()
    for number in range(10):
        memory.show("key", f"s{number}", "a", 1, 0.5)
    assert memory.score("key", "a") == pytest.approx(0.5 / 11)
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert remembered.references == (("a", pytest.approx(0.5 / 11)),)
    assert remembered.text is None  # nobody chose anything: the query stays private


def test_fewer_sessions_than_needed_cannot_lift_a_predicted_entity() -> None:
    memory = Memory()
    for number in range(3):
        memory.show("key", f"s{number}", "a", 10, 0.2)
    memory.vote("key", "s0", "a", "favourite", 1.0)
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert remembered.references == (("a", 0.2),)


def test_our_own_score_does_not_come_back_as_a_prediction() -> None:
    memory = Memory()
    memory.show("key", "s1", "a", 1, None)
    memory.show("key", "s2", "a", 1, 0.9)
    assert memory.evidence("key", "a").prior is None


def test_looking_again_or_further_down_is_no_second_examination() -> None:
    memory = Memory()
    for position in (5, 9, 1, 1):
        memory.show("key", "s1", "a", position, None)
    assert memory.evidence("key", "a").examined == pytest.approx(examination(1))
    assert memory.evidence("key", "a").examiners == 1


def test_memory_is_bounded() -> None:
    memory = Memory()
    for number in range(2 * MOST_ENTITIES):
        memory.show("key", f"s{number}", f"e{number}", 1, None)
    data = orjson.loads(memory.to_json()["keys"]["key"])
    assert len(data[1]) == MOST_ENTITIES
    assert len(data[2]) == RECENT_SESSIONS


def test_as_json_and_back_it_is_the_same() -> None:
    memory = Memory()
    seen_by(memory, 4)
    memory.show("other", "s1", "b", 2, 0.25)
    copy = Memory.from_json(memory.to_json())
    assert copy.to_json() == memory.to_json()
    assert list(copy.keys()) == list(memory.keys())


def test_what_enough_sessions_saw_is_told_and_a_few_clicks_do_not_lift_it() -> None:
    memory = Memory()
    seen_by(memory, 5, "ignored", click=False)
    seen_by(memory, 2, "rare")
    assert memory.remembered("key", 7) is None
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert (remembered.references, remembered.text) == ((), None)
    assert remembered.seen == (("ignored", 0.0, 5.0),)
    memory.vote("key", "s0", "ignored", "click", 0.6)
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    ((_, clicks, looks),) = remembered.seen
    assert 0 < clicks / looks <= memory.rate


def test_what_few_chose_is_not_told_so_that_it_neither_rises_nor_sinks() -> None:
    memory = Memory()
    seen_by(memory, 1, "ignored", click=False)
    seen_by(memory, 2, "chosen")
    assert memory.remembered("key", 3) is None
    seen_by(memory, 2, "ignored", click=False)
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert [entity for entity, _, _ in remembered.seen] == ["ignored"]
    seen_by(memory, 3, "chosen")
    remembered = memory.remembered("key", 3)
    assert remembered is not None
    assert [entity for entity, _, _ in remembered.seen] == ["ignored", "chosen"]


def test_nobody_alone_lets_anything_sink_unless_anybody_may_do_anything() -> None:
    assert [lookers(sessions) for sessions in (1, 2, 3, 5)] == [1, 2, 2, 4]
