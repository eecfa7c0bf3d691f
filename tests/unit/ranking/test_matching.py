"""Words of a query against those of an entity."""

from __future__ import annotations

import pytest

from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.features import table
from bandit_service.ranking.matching import matches, words_of
from plugin.errors import InvalidRequest
from plugin.model import Candidate

FIELDS = ("name.keyword", "by.keyword")
ENTITIES = [
    {"name.keyword": ["Love Story"], "by.keyword": ["Taylor Swift"]},
    {"name.keyword": ["Swift"], "by.keyword": ["Somebody", "Taylor Swift"]},
    {},
]


def test_each_field_tells_how_much_it_shares_with_the_query() -> None:
    found = matches(words_of("taylor swift: love story"), ENTITIES, FIELDS)
    assert found["asked:name"].tolist() == [0.5, 0.25, 0]
    assert found["said:name"].tolist() == [1, 1, 0]
    assert found["asked:by"].tolist() == [0.5, 0.5, 0]
    assert found["asked"].tolist() == [1, 0.5, 0]
    assert found["same:name"].tolist() == [0, 0, 0]
    assert matches(words_of("STORY love"), ENTITIES, FIELDS)["same:name"].tolist() == [1, 0, 0]


def test_there_is_nothing_to_compare_without_words_or_fields() -> None:
    assert matches(frozenset(), ENTITIES, FIELDS) == {}
    assert matches(words_of("love"), ENTITIES, ()) == {}
    assert words_of("…") == frozenset()


def test_cosines_are_features_and_how_far_each_is_below_the_best() -> None:
    there = [Candidate(id, 1.0, ()) for id in "abc"]
    known = table(there, RankingContext(cosines={"query": {"a": 0.9, "b": 0.5}}))
    assert known.columns["cosine:query"].tolist() == [0.9, 0.5, 0]
    assert known.columns["below:query"].tolist() == pytest.approx([0, -0.4, -1])
    with pytest.raises(InvalidRequest):
        table(there, RankingContext(cosines={"query": {"a": float("nan")}}))
