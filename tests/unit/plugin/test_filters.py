"""Filters of a request become clauses, or an error that helps."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.errors import InvalidRequest
from plugin.filters import Filters, fields_of

INDEX = {
    "mappings": {
        "properties": {
            "type": {"type": "keyword"},
            "name": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
            "text": {"type": "text"},
            "language": {"type": "keyword"},
            "published": {"type": "date"},
            "popularity": {"type": "rank_feature", "fields": {"value": {"type": "float"}}},
            "related": {"type": "flat_object"},
            "stock": {"type": "integer"},
            "live": {"type": "boolean"},
            "maker": {"properties": {"country": {"type": "keyword"}}},
            "vector": {"type": "knn_vector"},
            "shop": {"type": "geo_point"},
        }
    }
}
FILTERS = Filters(fields_of(INDEX), "type")


def test_the_mapping_is_flattened_with_subfields_and_objects() -> None:
    fields = fields_of(INDEX)
    assert fields["name.keyword"] == "keyword"
    assert fields["maker.country"] == "keyword"
    assert "maker" not in fields


@pytest.mark.parametrize(
    ("wanted", "clause"),
    [
        ({"language": "en"}, {"term": {"language": "en"}}),
        ({"language": ["en", "es"]}, {"terms": {"language": ["en", "es"]}}),
        ({"language": ["en"]}, {"term": {"language": "en"}}),
        ({"name": "Red"}, {"term": {"name.keyword": "Red"}}),
        ({"maker.country": "FR"}, {"term": {"maker.country": "FR"}}),
        ({"related.performer": "artist-1"}, {"term": {"related.performer": "artist-1"}}),
        ({"live": True}, {"term": {"live": True}}),
        ({"stock": {"gt": 0, "lte": 10}}, {"range": {"stock": {"gt": 0, "lte": 10}}}),
        ({"popularity.value": {"gte": 0.5}}, {"range": {"popularity.value": {"gte": 0.5}}}),
        ({"published": {"gte": 1980}}, {"range": {"published": {"gte": "1980"}}}),
        ({"published": {"lt": "1989-11-10"}}, {"range": {"published": {"lt": "1989-11-10"}}}),
        ({"published": {"gte": "now-1y"}}, {"range": {"published": {"gte": "now-1y"}}}),
        ({"text": {"exists": True}}, {"exists": {"field": "text"}}),
        (
            {"published": {"exists": False}},
            {"bool": {"must_not": [{"exists": {"field": "published"}}]}},
        ),
        ({"id": ["a", "b"]}, {"ids": {"values": ["a", "b"]}}),
        (
            {"shop": {"geo": {"lat": 52.5, "lon": 13, "within": "1.5km"}}},
            {
                "geo_distance": {
                    "distance": "1.5km",
                    "shop": {"lat": 52.5, "lon": 13},
                    "ignore_unmapped": True,
                }
            },
        ),
        (
            {"shop": {"geo": {"top": 1, "left": 179, "bottom": -1, "right": -179}}},
            {
                "geo_bounding_box": {
                    "shop": {"top": 1, "left": 179, "bottom": -1, "right": -179},
                    "ignore_unmapped": True,
                }
            },
        ),
        ({"shop": {"exists": True}}, {"exists": {"field": "shop"}}),
    ],
)
def test_a_condition_becomes_its_clause(wanted: dict[str, Any], clause: dict[str, Any]) -> None:
    assert FILTERS.clauses(wanted) == (clause,)


def test_the_wanted_types_are_a_clause_on_the_schemas_type_field() -> None:
    assert FILTERS.clauses({}, ["song", "album", "song"]) == (
        {"terms": {"type": ["album", "song"]}},
    )
    assert FILTERS.clauses({}, []) == ()


def test_all_conditions_have_to_hold() -> None:
    clauses = FILTERS.clauses(
        {"language": "en", "published": {"gte": 1980, "exists": True}}, ["song"]
    )
    assert clauses == (
        {"terms": {"type": ["song"]}},
        {"term": {"language": "en"}},
        {"exists": {"field": "published"}},
        {"range": {"published": {"gte": "1980"}}},
    )


def test_an_unknown_field_is_named_with_near_ones() -> None:
    with pytest.raises(InvalidRequest, match=r"no field 'langage'\. Did you mean: language"):
        FILTERS.clauses({"langage": "en"})


def test_a_misspelt_place_is_named_too() -> None:
    with pytest.raises(InvalidRequest, match="Did you mean: shop"):
        FILTERS.clauses({"shops": {"geo": {"lat": 1, "lon": 1, "within": "1km"}}})


def test_an_unknown_field_without_near_ones_gets_the_list() -> None:
    with pytest.raises(InvalidRequest, match=r"There are: language, live"):
        FILTERS.clauses({"xyzzy": "en"})


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"text": "x"}, "a text field cannot be compared"),
        ({"vector": 1.0}, "a knn_vector field cannot be compared"),
        ({"popularity": {"gte": 1}}, "a rank_feature field cannot be compared"),
        ({"published": "last year"}, "'last year' does not fit its type, date (1989"),
        ({"published": "1989-13-45"}, "does not fit its type, date"),
        ({"published": "2024-01-01T1030"}, "does not fit its type, date"),
        ({"published": 86400000}, "does not fit its type, date"),
        ({"stock": "many"}, "does not fit its type, integer"),
        ({"stock": True}, "does not fit its type, integer"),
        ({"stock": 2**64}, "does not fit its type, integer"),
        ({"live": "yes"}, "does not fit its type, boolean"),
        ({"live": {"gte": True}}, "has no order"),
        ({"language": None}, "None does not fit its type, keyword"),
        ({"language": [["en"]]}, "does not fit its type, keyword"),
        ({"language": []}, "1 to 1000 values"),
        ({"language": ["x"] * 1001}, "1 to 1000 values"),
        ({"language": {}}, "nothing is no condition"),
        ({"language": {"like": "e*"}}, "'like' is no condition"),
        ({"language": {"exists": 1}}, "must be true or false"),
        ({"language": {"geo": {}}}, "geo is for geo_point fields; this one is keyword, these are"),
        ({"shop": "52,13"}, 'Say {"geo": {"lat"'),
        ({"shop": [52, 13]}, "cannot be compared with a value"),
        ({"shop": {"gte": 1}}, "cannot be compared with a value"),
        ({"shop": {"geo": "here"}}, 'must be {"lat"'),
        ({"shop": {"geo": {"lat": 1, "lon": 1}}}, 'must be {"lat"'),
        ({"shop": {"geo": {"lat": 91, "lon": 1, "within": "1km"}}}, "from -90 to 90"),
        ({"shop": {"geo": {"lat": 1, "lon": "1", "within": "1km"}}}, "from -180 to 180"),
        ({"shop": {"geo": {"lat": float("nan"), "lon": 1, "within": "1km"}}}, "from -90 to 90"),
        ({"shop": {"geo": {"lat": True, "lon": 1, "within": "1km"}}}, "from -90 to 90"),
        ({"shop": {"geo": {"lat": 1, "lon": 1, "within": "far"}}}, "a distance above 0"),
        ({"shop": {"geo": {"lat": 1, "lon": 1, "within": "0km"}}}, "a distance above 0"),
        ({"shop": {"geo": {"lat": 1, "lon": 1, "within": 10}}}, "a distance above 0"),
        ({"shop": {"geo": {"top": 0, "left": 0, "bottom": 1, "right": 1}}}, "above its top"),
    ],
)
def test_a_condition_that_cannot_hold_says_why(wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        FILTERS.clauses(wanted)
    assert said in raised.value.message
    assert next(iter(wanted)) in raised.value.message
