"""Predicted queries: from roles alone, scored like click rates, the same every time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from ingest.enrichment.prediction import CANDIDATES
from ingest.enrichment.queries import predict
from plugin.assets.schema import Schema
from plugin.understanding import memory_key

# Field names that no code knows: a schema of other words must work as well.
SCHEMA = Schema(
    type="kind",
    name="title",
    aliases="also",
    text=("title", "also", "maker", "line", "group", "story"),
    vector="v",
    memory="m",
    predicted_queries="p",
    popularity="sold",
    facets=("kind", "group", "colour"),
    display=("kind", "title", "maker", "line", "group", "colour", "sold"),
)
BIKE: dict[str, Any] = {
    "kind": "bicycle",
    "title": "Roadster",
    "also": ["R-1"],
    "maker": ["Gazelle"],
    "line": ["City"],
    "group": ["touring", "steel"],
    "colour": ["green"],
    "story": "A bicycle with a very long story that nobody types.",
    "sold": 90,
}


def scores(document: dict[str, Any]) -> dict[str, float]:
    return {one.query: one.score for one in predict(document, SCHEMA)}


def test_name_alias_and_name_with_maker_score_highest() -> None:
    found = scores(BIKE)
    assert found["roadster gazelle"] == 0.5
    assert found["gazelle roadster"] == 0.45
    assert found["roadster"] == 0.4
    assert found["r 1"] == 0.35


def test_a_broad_query_scores_below_every_specific_one() -> None:
    found = scores(BIKE)
    specific = [found[query] for query in ("roadster", "roadster gazelle", "r 1")]
    for query in ("gazelle", "touring", "touring bicycle", "touring gazelle"):
        assert 0 < found[query] < min(specific)
    assert found["touring"] < found["touring bicycle"] < found["touring gazelle"]


def test_popular_entities_get_more_of_a_broad_query_and_not_of_their_name() -> None:
    known, unknown = scores(BIKE), scores({**BIKE, "sold": 1})
    assert known["gazelle"] > unknown["gazelle"]
    assert known["roadster"] == unknown["roadster"]


def test_prose_and_fields_that_are_not_embedded_make_no_queries() -> None:
    found = scores(BIKE)
    assert not [query for query in found if "story" in query or "green" in query]


def test_queries_are_ordered_limited_and_keyed_like_real_ones() -> None:
    rich = {**BIKE, "maker": list("ABCDE"), "group": list("VWXYZ"), "also": list("KLMNO")}
    found = predict(rich, SCHEMA)
    assert len(found) == CANDIDATES
    assert all(first.score >= second.score for first, second in pairwise(found))
    assert all(one.key == memory_key(one.query) for one in found)
    assert all(0 < one.score <= 1 for one in found)
    assert len({one.key for one in found}) == CANDIDATES


def test_the_same_document_has_the_same_queries_whatever_the_order_of_its_fields() -> None:
    assert predict(dict(reversed(BIKE.items())), SCHEMA) == predict(BIKE, SCHEMA)


def test_a_query_that_arises_twice_keeps_its_higher_score() -> None:
    assert scores({**BIKE, "maker": ["Roadster"]})["roadster"] == 0.4


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": None, "also": [None, ""], "maker": {"a": 1}},
        {"title": "🎵"},
        {"title": True, "sold": "many"},
    ],
)
def test_a_document_without_words_has_no_queries(document: dict[str, Any]) -> None:
    assert predict(document, SCHEMA) == ()


@pytest.mark.parametrize("sold", [None, "many", -1, 0, True, float("nan"), float("inf")])
def test_an_unusable_popularity_counts_as_unknown(sold: Any) -> None:
    assert scores({**BIKE, "sold": sold}) == scores({**BIKE, "sold": None})


def test_whole_numbers_that_became_floats_on_the_way_are_the_same_words() -> None:
    assert scores({**BIKE, "title": 1999.0}) == scores({**BIKE, "title": 1999})


def test_names_that_nobody_types_are_left_out() -> None:
    found = scores({**BIKE, "title": "word " * 50})
    assert found
    assert not [query for query in found if len(query) > 100]
