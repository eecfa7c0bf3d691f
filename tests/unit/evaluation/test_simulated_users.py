"""Simulated people: intents come from any entities, behaviour from a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bandit_service.evaluation.intents import KINDS, TASTE, Intent, draw_intents, rare_queries
from bandit_service.evaluation.simulated_users import (
    Event,
    Visit,
    look,
    mean_reciprocal_rank,
    patiently,
    simulate,
)
from bandit_service.evaluation.typos import misspell
from plugin.assets.schema import Schema
from plugin.errors import InvalidRequest, Unavailable

SCHEMA = Schema(
    type="kind",
    name="title",
    text=("title", "brand", "colours", "story"),
    vector="v",
    memory="m",
    predicted_queries="p",
    popularity="sold",
    facets=("kind", "colours"),
)

BICYCLES = [
    {"id": "b1", "kind": "bike", "title": "Roadrunner", "brand": "Acme", "colours": ["red"]},
    {
        "id": "b2",
        "kind": "bike",
        "title": "Hillclimber",
        "brand": "Acme",
        "colours": ["red", "blue"],
        "sold": 90,
        "story": "A long story that nobody would ever type into a search box to find a bike.",
    },
    {"id": "b3", "kind": "maker", "title": "Acme", "sold": 9},
    {"id": "b4", "kind": "bike", "colours": ["nameless things are not wanted"]},
]


class Shop:
    """A hand-written client: always the same page, and a record of what was sent."""

    def __init__(self, page: Sequence[str]) -> None:
        self.page = page
        self.events: list[Event] = []
        self.queries: list[str] = []
        self.sessions: list[str] = []

    def search(self, query: str, **options: Any) -> Mapping[str, Any]:
        self.queries.append(query)
        self.sessions.append(options["session"])
        return {"query_id": f"q-{options['session']}", "hits": [{"id": each} for each in self.page]}

    def feedback(self, events: Sequence[Event]) -> Mapping[str, Any]:
        self.events.extend(events)
        return {}


def test_every_kind_of_intent_is_made_from_the_entities() -> None:
    intents = draw_intents(BICYCLES, SCHEMA, 300, random.Random(1))
    assert {intent.kind for intent in intents} == set(KINDS)
    wanted = {intent.kind: intent for intent in intents}
    assert wanted["company"].text == "Acme"
    # The one named so is hoped for, what it made will do.
    assert wanted["company"].wanted == {"b3": 1.0, "b2": 0.6, "b1": 0.6}


def test_a_wish_is_met_only_by_what_has_all_its_facets() -> None:
    wishes = [
        intent
        for intent in draw_intents(BICYCLES, SCHEMA, 300, random.Random(2))
        if intent.kind == "wish"
    ]
    assert {"red", "blue"} < {intent.text for intent in wishes}
    for intent in wishes:
        assert set(intent.wanted) == ({"b1", "b2"} if intent.text == "red" else {"b2"})


def test_a_wish_that_many_could_meet_hides_a_taste() -> None:
    many = [
        {"id": f"b{n}", "kind": "bike", "title": f"Bike {n}", "colours": ["red"]} for n in range(50)
    ]
    wishes = [
        intent
        for intent in draw_intents(many, SCHEMA, 100, random.Random(4))
        if intent.kind == "wish"
    ]
    assert wishes
    assert all(1 <= len(intent.wanted) <= TASTE + 1 for intent in wishes)
    assert all(max(intent.wanted.values()) == 1.0 for intent in wishes)


def test_rare_queries_are_parts_of_one_entity_in_any_order() -> None:
    queries = rare_queries(BICYCLES, SCHEMA, 50, random.Random(1))
    assert {frozenset(query.split()) for query in queries} == {frozenset({"red", "blue", "Acme"})}
    assert len(set(queries)) > 3
    assert rare_queries(BICYCLES[:1], SCHEMA, 50, random.Random(1)) == []


def test_prose_and_types_are_not_typed() -> None:
    texts = {intent.text for intent in draw_intents(BICYCLES, SCHEMA, 300, random.Random(3))}
    assert not any("story" in text or "bike" in text.split() for text in texts)


def test_entities_without_names_are_refused_with_advice() -> None:
    with pytest.raises(InvalidRequest, match="ltrr ingest"):
        draw_intents([{"id": "x"}], SCHEMA, 1, random.Random(1))


@pytest.mark.parametrize("text", ["Hillclimber", "上を向いて歩こう", "aaaa bbbb"])
def test_a_slip_changes_one_word_but_not_its_first_letter(text: str) -> None:
    for seed in range(50):
        slipped = misspell(text, random.Random(seed))
        assert slipped != text
        assert slipped[0] == text[0]
        assert abs(len(slipped) - len(text)) <= 1


def test_short_words_are_never_misspelt() -> None:
    assert misspell("U2 abc", random.Random(1)) == "U2 abc"


def test_what_stands_higher_is_seen_and_chosen_more() -> None:
    intent = Intent("name", "x", {"top": 1.0, "low": 1.0})
    page = ["top", *(f"n{n}" for n in range(8)), "low"]
    first = Counter(
        events[0]["object_id"] for seed in range(2000) if (events := look(page, intent, dice(seed)))
    )
    assert first["top"] > 3 * first["low"] > 0


def test_a_content_person_stops_and_a_mistaken_one_goes_on() -> None:
    intent = Intent("name", "x", {"wanted": 1.0})
    for seed in range(500):
        events = look(["other", "wanted", "never"], intent, dice(seed))
        chosen = [event["object_id"] for event in events]
        if "wanted" in chosen:
            assert "never" not in chosen


def test_a_simulation_is_labelled_and_its_people_repeat_with_the_seed() -> None:
    one, two = Shop(["b1", "b2", "b3"]), Shop(["b1", "b2", "b3"])
    summary = simulate(one, BICYCLES, SCHEMA, 60, seed=7, at_once=1)
    simulate(two, BICYCLES, SCHEMA, 60, seed=7, at_once=1)
    assert summary.simulated
    assert summary.as_dict()["simulated"] is True
    assert summary.sessions == 60
    assert sum(summary.actions.values()) == len(one.events)
    assert one.queries == two.queries
    assert [event["action"] for event in one.events] == [event["action"] for event in two.events]
    # The people are the same, but their sessions are new ones.
    assert not set(one.sessions) & set(two.sessions)
    assert len(set(one.sessions)) == 60


def test_popular_intents_come_back() -> None:
    shop = Shop(["b1"])
    simulate(shop, BICYCLES, SCHEMA, 100, seed=3, at_once=1)
    assert Counter(shop.queries).most_common(1)[0][1] >= 10


def test_no_session_begins_after_the_deadline() -> None:
    shop = Shop(["b1"])
    assert simulate(shop, BICYCLES, SCHEMA, 50, seed=1, deadline_s=-1.0).sessions == 0
    assert not shop.queries


def test_mean_reciprocal_rank_counts_a_miss_as_zero() -> None:
    visits = [Visit("name", 1, ()), Visit("name", 4, ()), Visit("name", None, ())]
    assert mean_reciprocal_rank(visits) == pytest.approx((1 + 1 / 4 + 0) / 3, abs=1e-4)
    assert mean_reciprocal_rank([]) == 0.0


def dice(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize(("refusals", "answered"), [(0, True), (4, True), (5, False)])
def test_people_are_patient_with_a_machine_that_is_too_busy(refusals: int, answered: bool) -> None:
    asked: list[int] = []
    slept: list[float] = []

    def call() -> str:
        asked.append(1)
        if len(asked) <= refusals:
            raise Unavailable("too busy")
        return "page"

    if answered:
        assert patiently(call, slept.append) == "page"
    else:
        with pytest.raises(Unavailable):
            patiently(call, slept.append)
    assert len(slept) == min(refusals, 4)


def test_what_is_wrong_is_not_tried_again() -> None:
    def call() -> str:
        raise InvalidRequest("wrong")

    with pytest.raises(InvalidRequest):
        patiently(call, pytest.fail)
