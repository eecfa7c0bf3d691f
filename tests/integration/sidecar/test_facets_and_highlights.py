"""What a page tells beside its hits: counts of values, and the query's words marked."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ASSETS, Search, World, put_entities, searching

from bandit_service.api.search_schemas import SearchAnswer
from plugin.assets.page import load_page
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def counts(answer: Any, field: str) -> dict[Any, int]:
    return {one["value"]: one["count"] for one in answer["facets"][field]}


def test_facets_count_all_that_matches_not_only_the_page(find: Search) -> None:
    answer = find("love", size=1, facets=["type", "language"])
    SearchAnswer.model_validate(answer)
    whole = find("love", size=100)
    kinds: dict[str, int] = {}
    for hit in whole["hits"]:
        kinds[hit["type"]] = kinds.get(hit["type"], 0) + 1
    assert counts(answer, "type") == kinds
    assert counts(answer, "language")["xx"] == 1
    assert answer["facets"]["type"][0]["value"] == "song"


def test_facets_keep_to_the_filters_and_come_on_later_pages_too(find: Search) -> None:
    first = find("love", size=1, facets=["type"], filters={"language": "en"})
    later = find(
        "love",
        size=1,
        from_=1,
        query_id=first["query_id"],
        facets=["type"],
        filters={"language": "en"},
    )
    assert counts(first, "type") == counts(later, "type")
    assert set(counts(find("love", facets=["language"], types=["song"]), "language")) == {
        "en",
        "es",
        "xx",
    }


def test_without_a_word_everything_is_counted(find: Search) -> None:
    assert sum(counts(find("", facets=["type"]), "type").values()) == 7


def test_true_means_all_facets_and_nothing_means_none(find: Search, shared_world: World) -> None:
    assert set(find("love", facets=True)["facets"]) == set(shared_world.services.schema.facets)
    assert find("love")["facets"] == {}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"facets": ["langage"]}, "Did you mean language"),
        ({"facets": ["popularity"]}, "There are: type"),
        ({"facets": "language"}, "facets"),
        ({"highlight": ["nam"]}, "name"),
        ({"highlight": ["vector"]}, "no field of words"),
        ({"diversity": 2}, "diversity"),
        ({"layout": "tabs"}, "layout"),
        ({"collapse": "yes"}, "collapse"),
    ],
)
def test_what_there_is_not_is_a_400_that_helps(
    look: FlaskClient, body: dict[str, Any], said: str
) -> None:
    answer = look.post("/_ltrr/search", json={"query": "love", **body})
    assert answer.status_code == 400
    assert said in answer.json["error"]["message"]


def test_words_are_marked_where_they_were_found_even_misspelt(
    shared_world: World,
) -> None:
    services = shared_world.services
    settings = load_page(ASSETS, services.schema, services.filters.fields)
    find = searching(shared_world.client(page=settings))
    answer = find("tayler swift", highlight=True)
    SearchAnswer.model_validate(answer)
    marked = {hit["id"]: hit["highlight"] for hit in answer["hits"]}
    assert marked["taylor"]["name"] == ["<em>Taylor</em> <em>Swift</em>"]
    assert marked["love-story"]["by"] == ["<em>Taylor</em> <em>Swift</em>"]
    assert "name" not in marked["love-story"]
    only = find("love", highlight=["by"])
    assert all(set(hit["highlight"]) <= {"by"} for hit in only["hits"])
    assert all(hit["highlight"] == {} for hit in find("love")["hits"])
    first = find("love", size=1)
    later = find("love", size=1, from_=1, query_id=first["query_id"], highlight=["name"])
    assert "<em>Love</em>" in later["hits"][0]["highlight"]["name"][0]


def test_what_an_entity_says_is_escaped_and_the_text_is_data(
    world: World, search: Search, cluster: Cluster
) -> None:
    hostile = "<img src=x onerror=alert(1)> lemon & <em>pie</em>"
    put_entities(cluster, {"hostile": {"type": "song", "name": hostile}})
    for query in ("lemon", 'lemon"}}}, {"match_all": {}', "{{#toJson}}lemon{{/toJson}}"):
        answer = search(query, highlight=["name"])
        (found,) = [hit for hit in answer["hits"] if hit["id"] == "hostile"]
        (fragment,) = found["highlight"]["name"]
        assert fragment.count("<") == 2
        assert "<em>lemon</em>" in fragment
        assert "&lt;img src=x" in fragment
        assert "&lt;em&gt;pie" in fragment


def test_a_query_without_a_word_marks_nothing(find: Search) -> None:
    assert all(hit["highlight"] == {} for hit in find("!!!", highlight=True)["hits"])
