"""Many kinds on one page, on a real node: groups, duplicates, diversity, what is gone."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ASSETS, World, put_entities, searching

from bandit_service.api.search_schemas import SearchAnswer
from plugin.assets.page import PageSettings, load_page
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def ids(answer: Any) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


@pytest.fixture(scope="module")
def settings(shared_world: World) -> PageSettings:
    """The page settings of the demo."""
    services = shared_world.services
    return load_page(ASSETS, services.schema, services.filters.fields)


@pytest.fixture
def shelves(shared_world: World, settings: PageSettings) -> FlaskClient:
    """A sidecar with these settings over the world that nobody changes."""
    return shared_world.client(page=settings)


def test_a_mixed_page_holds_songs_and_the_artist_the_album_the_playlist(
    shelves: FlaskClient,
) -> None:
    answer = searching(shelves)("tayler love", size=6)
    SearchAnswer.model_validate(answer)
    assert {hit["type"] for hit in answer["hits"]} == {"song", "artist", "album", "playlist"}
    assert answer["groups"] is None
    assert [hit["position"] for hit in answer["hits"]] == [1, 2, 3, 4, 5, 6]


def test_a_grouped_page_reads_kind_by_kind_and_feedback_has_flat_positions(
    shelves: FlaskClient, shared_world: World
) -> None:
    find = searching(shelves)
    answer = find("taylor love", layout="grouped", size=5)
    SearchAnswer.model_validate(answer)
    grouped = [hit for group in answer["groups"] for hit in group["hits"]]
    assert grouped == answer["hits"]
    assert len({group["type"] for group in answer["groups"]}) == len(answer["groups"]) >= 3
    assert all(hit["type"] == group["type"] for group in answer["groups"] for hit in group["hits"])
    assert [hit["position"] for hit in grouped] == [1, 2, 3, 4, 5]
    rest = find("taylor love", layout="grouped", size=5, from_=5, query_id=answer["query_id"])
    assert not set(ids(answer)) & set(ids(rest))
    assert len(ids(answer)) + len(ids(rest)) == answer["total"]
    entry = shared_world.journal.first_page(answer["query_id"])
    assert [hit["id"] for hit in entry.body["shown"]] == ids(answer)


def test_the_same_page_comes_again(shelves: FlaskClient) -> None:
    find = searching(shelves)
    for body in ({"diversity": 1}, {"layout": "grouped"}, {}):
        assert ids(find("love", learn=False, **body)) == ids(find("love", learn=False, **body))


def test_diversity_can_be_asked_for_and_turned_off(shelves: FlaskClient) -> None:
    find = searching(shelves)
    plain = find("love", diversity=0)
    mixed = find("love", diversity=1)
    assert ids(plain)[0] == ids(mixed)[0]
    assert sorted(ids(plain)) == sorted(ids(mixed))
    kinds = [hit["type"] for hit in mixed["hits"][:3]]
    assert len(set(kinds)) >= 2


def test_the_same_song_twice_is_shown_once_and_says_so(
    world: World, settings: PageSettings, cluster: Cluster
) -> None:
    again = {"type": "song", "name": "Love Story", "by": ["Taylor Swift"], "popularity": 1}
    version = {**again, "name": "Love Story (Taylor's Version)"}
    lover = {"type": "song", "name": "Lover", "by": ["Taylor Swift"]}
    put_entities(cluster, {"again": again, "version": version, "lover-song": lover})
    find = searching(world.client(page=settings))
    answer = find("love story taylor swift")
    SearchAnswer.model_validate(answer)
    pair = {"love-story", "again"}
    assert len(pair & set(ids(answer))) == 1
    (shown,) = pair & set(ids(answer))
    hit = next(hit for hit in answer["hits"] if hit["id"] == shown)
    assert hit["collapsed"] == list(pair - {shown})
    # Another name, and another kind of the same name, are not the same.
    assert {"version", "lover", "lover-song"} <= set(ids(answer))
    apart = find("love story taylor swift", collapse=False)
    assert pair <= set(ids(apart))
    assert all(hit["collapsed"] == [] for hit in apart["hits"])
    assert apart["total"] == answer["total"] + 1
    first = find("love story taylor swift", size=1)
    later = find("love story taylor swift", size=50, from_=1, query_id=first["query_id"])
    assert {hit["id"]: hit["collapsed"] for hit in (*first["hits"], *later["hits"])}[shown] == (
        hit["collapsed"]
    )


def test_what_is_gone_leaves_its_place_empty_and_shifts_nobody(
    world: World, settings: PageSettings, cluster: Cluster
) -> None:
    find = searching(world.client(page=settings))
    whole = find("love", size=100)
    first = find("love", size=2)
    gone = ids(whole)[3]
    cluster.request("DELETE", f"/{cluster.name('entities')}-000001/_doc/{gone}?refresh=true")
    later = find("love", size=4, from_=2, query_id=first["query_id"])
    expected = [(id, at) for at, id in enumerate(ids(whole), 1) if 2 < at <= 6 and id != gone]
    assert [(hit["id"], hit["position"]) for hit in later["hits"]] == expected


def test_a_start_page_has_several_kinds(shelves: FlaskClient) -> None:
    answer = searching(shelves)("", size=5)
    assert len({hit["type"] for hit in answer["hits"]}) >= 3
    recommended = searching(shelves)("", size=5, session="s", user="u", layout="grouped")
    assert len(recommended["groups"]) >= 3
