"""A predicted query must bring its entity back, or it is worth little."""

from __future__ import annotations

from typing import Any

import pytest
from small_catalogue import SCHEMA, Meanings, entities

from ingest.enrichment.building import SAMPLE, build, count
from ingest.enrichment.prediction import best
from ingest.enrichment.round_trip import BACK, LEFT, RoundTrip
from plugin.sparse import CatalogueEncoder


def kept(
    document: dict[str, Any], more: list[dict[str, Any]], **queries: float
) -> dict[str, float]:
    """Query → score of what is kept, in a catalogue that holds ``document`` and ``more``."""
    catalogue = [*entities(), *more, document]
    encoder = CatalogueEncoder(build(count(catalogue, SCHEMA), Meanings()))
    predictions = best((query.replace("_", " "), score) for query, score in queries.items())
    (weights,) = encoder.documents([SCHEMA.embedding_text(document)])
    found = RoundTrip(encoder).kept(document, weights, predictions, SCHEMA)
    return {one.query: one.score for one in found}


def crowd(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"title": f"entry {index}", "tags": ["red"], **fields} for index in range(number)]


UNKNOWN = {"title": "Roadster", "tags": ["red"], "sold": 1}


def test_a_query_that_finds_its_entity_keeps_its_score() -> None:
    assert kept(UNKNOWN, crowd(BACK * 2, sold=90), roadster=0.4) == {"roadster": 0.4}


def test_a_broad_query_that_finds_a_hundred_more_popular_ones_is_dropped() -> None:
    assert kept(UNKNOWN, crowd(BACK * 2, sold=90), red=0.1, roadster=0.4) == {"roadster": 0.4}


def test_a_popular_entity_comes_back_for_a_broad_query() -> None:
    known = {**UNKNOWN, "sold": 5_000}
    assert kept(known, crowd(BACK * 2, sold=1), red=0.1) == {"red": 0.1}


def test_a_query_that_names_it_is_only_worth_less_where_others_come_first() -> None:
    others = crowd(BACK * 2, title="Roadster", tags=[], sold=90)
    assert kept(UNKNOWN, others, roadster=0.4) == {"roadster": 0.4 * LEFT}


def test_a_query_that_has_nothing_of_the_entity_is_dropped_whatever_its_score() -> None:
    assert kept(UNKNOWN, [], submarine=0.9, zyzzyva_x=0.9) == {}


def test_a_word_of_the_same_meaning_is_enough_to_come_back() -> None:
    assert "drizzle" in kept({"title": "rainy", "tags": []}, [], drizzle=0.2, hound=0.2)


def test_a_sample_judges_like_the_whole_catalogue() -> None:
    many = [{"title": f"entry {n}", "tags": ["red"], "sold": n} for n in range(3 * SAMPLE)]
    encoder = CatalogueEncoder(build(count(many, SCHEMA), Meanings()))
    judge = RoundTrip(encoder)
    predictions = best([("red", 0.1)])

    def comes_back(document: dict[str, Any]) -> bool:
        (weights,) = encoder.documents([SCHEMA.embedding_text(document)])
        return bool(judge.kept(document, weights, predictions, SCHEMA))

    # The hundred of 6,000 that sell best come back; a sample is right to within a few dozen.
    assert all(comes_back(document) for document in many[-30:])
    assert not any(comes_back(document) for document in many[: len(many) - 400])


@pytest.mark.parametrize("sold", [None, "many", float("nan")])
def test_an_unusable_popularity_is_that_of_the_unknown(sold: Any) -> None:
    document = {**UNKNOWN, "sold": sold}
    assert kept(document, crowd(10), red=0.1) == {"red": 0.1}
