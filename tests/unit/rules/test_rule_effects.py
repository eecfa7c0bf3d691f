"""What rules do to one query: for this text or for all, blocks before pins."""

from __future__ import annotations

from typing import Any

import pytest

from bandit_service.rules.effects import MOST_PINS, NOTHING, RULE, Effects, Rules
from plugin.assets.rules import rule_of
from plugin.filters import Filters
from plugin.model import Candidate, Provenance
from plugin.understanding import memory_key

FILTERS = Filters({"type": "keyword"}, "type").clauses
LEXICAL = Provenance("lexical", 3, 1.0)


def effects(text: str, **rules: dict[str, Any]) -> Effects:
    made = [rule_of(id, given, FILTERS) for id, given in rules.items()]
    return Rules(made).effects(memory_key(text))


def test_a_rule_for_a_query_holds_however_the_query_is_written() -> None:
    rule = {"action": "block", "query": "Songs for Summer", "ids": ["a"]}
    assert effects("  songs FOR summer!", r=rule).blocked == {"a"}
    assert effects("songs for winter", r=rule) is NOTHING
    assert effects("", r=rule) is NOTHING


def test_a_rule_without_a_query_holds_for_all_and_for_none() -> None:
    rule = {"action": "block", "ids": ["a"]}
    assert effects("anything", r=rule).blocked == effects("", r=rule).blocked == {"a"}


def test_pins_have_a_position_each_and_those_of_the_query_come_first() -> None:
    found = effects(
        "x",
        a_for_all={"action": "pin", "ids": ["all"], "position": 1},
        for_x={"action": "pin", "query": "x", "ids": ["one", "two"], "position": 1},
    )
    assert found.pins == {"one": 1, "two": 2, "all": 3}


def test_there_are_no_more_pins_than_places_that_people_look_at() -> None:
    many = {
        f"r{at}": {"action": "pin", "ids": [f"{at}-{n}" for n in range(100)]} for at in range(3)
    }
    assert sorted(effects("x", **many).pins.values()) == list(range(1, MOST_PINS + 1))


def test_a_block_beats_a_pin() -> None:
    found = effects(
        "x",
        a={"action": "pin", "ids": ["one", "two"]},
        z={"action": "block", "ids": ["one"]},
    )
    assert found.pins == {"two": 1}
    assert "one" in str(found.clauses)


def test_a_block_by_filter_holds_where_strategies_search() -> None:
    found = effects("x", r={"action": "block", "filters": {"type": "podcast"}})
    (clause,) = found.filters
    assert clause == {"bool": {"must_not": [{"bool": {"filter": [{"term": {"type": "podcast"}}]}}]}}
    assert found.clauses == found.filters


def test_candidates_lose_what_is_blocked_and_get_what_is_pinned() -> None:
    found = effects(
        "x", b={"action": "block", "ids": ["b"]}, p={"action": "pin", "ids": ["c", "n"]}
    )
    admitted = found.admit([Candidate(id, 1.0, (LEXICAL,)) for id in "abc"])
    assert {one.id: [origin.strategy for origin in one.provenance] for one in admitted} == {
        "a": ["lexical"],
        "c": ["lexical", RULE],
        "n": [RULE],
    }
    assert admitted[-1].score == 0.0


def test_boosts_multiply_and_mark_what_they_touch() -> None:
    found = effects(
        "x",
        ids={"action": "boost", "ids": ["a"], "factor": 2},
        kind={"action": "boost", "filters": {"type": "song"}, "factor": 3},
    )
    candidates = [Candidate(id, 1.0, (LEXICAL,)) for id in "abc"]
    marked, factors = found.boosts(candidates, {"a": ["kind"], "b": ["kind", "of somebody else"]})
    assert factors == {"a": pytest.approx(6.0), "b": pytest.approx(3.0)}
    assert [len(one.provenance) for one in marked] == [2, 2, 1]
    assert marked[0].provenance[-1] == Provenance(RULE, 1, 6.0)
