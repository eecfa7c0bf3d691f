"""Which suggestions are told, and what is searched for to find them."""

from __future__ import annotations

from dataclasses import replace

from plugin.assets.schema import Schema
from plugin.suggesting import Suggestion, merged, mixed_body, name_body

SCHEMA = Schema("kind", "title", ("title",), "vector", "q2e", "predicted")


def entity(text: str) -> Suggestion:
    return Suggestion(text, "entity", text, "song")


def query(text: str) -> Suggestion:
    return Suggestion(text, "query")


def told(*names: str, typed: str = "lo", asked: tuple[str, ...] = (), size: int = 8) -> list[str]:
    found = merged(typed, [query(text) for text in asked], [entity(name) for name in names], size)
    return [one.text for one in found]


def test_names_that_begin_with_what_was_typed_come_before_those_that_have_it_inside() -> None:
    assert told("Crazy in Love", "Lover", "A Loop", "Lo!") == [
        "Lover", "Lo!", "Crazy in Love", "A Loop",
    ]  # fmt: skip


def test_a_few_queries_of_others_come_first_and_the_same_text_once() -> None:
    asked = ("love songs", "loud", "low", "lonely")
    assert told("Loud!", "Lover", asked=asked) == ["love songs", "loud", "low", "Lover"]
    assert told("Lover", asked=asked, size=2) == ["love songs", "loud"]


def test_without_a_field_of_beginnings_the_name_itself_is_searched_by_prefix() -> None:
    (must,) = name_body(SCHEMA, "lo", (), 8)["query"]["bool"]["must"]
    assert must["constant_score"]["filter"] == {
        "match_bool_prefix": {"title": {"query": "lo", "operator": "and"}}
    }


def test_beginnings_of_makers_count_only_together_with_those_of_names() -> None:
    fields = ("title.prefix", "made_by.prefix")
    schema = replace(SCHEMA, by="made_by", completion=fields)
    (alone,) = name_body(schema, "lo", (), 8)["query"]["bool"]["must"]
    (looked_at,) = alone["constant_score"]["filter"]["dis_max"]["queries"]
    assert list(looked_at["match"]) == ["title.prefix"]
    (mixed,) = mixed_body(schema, "swift lo", (), 8)["query"]["bool"]["must"]
    every, one = mixed["constant_score"]["filter"]["bool"]["filter"]
    assert every["multi_match"]["fields"] == list(fields)
    assert one["multi_match"]["fields"] == ["title.prefix"]
