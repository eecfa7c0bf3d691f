"""The graph: what shares no word but a place is found; nothing else of an entity is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from learnt_world import LearntWorld, who
from small_world import put_entities

from ingest.graph.embed import embed_graph
from plugin.errors import InvalidRequest
from plugin.model import Query, Slot
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration
NOW = datetime(2026, 11, 24, tzinfo=UTC)

SHELF: dict[str, dict[str, Any]] = {
    "harbour": {"type": "song", "name": "Harbour", "related": {"playlists": ["evening"]}},
    "lantern": {"type": "song", "name": "Lantern", "related": {"playlists": ["evening"]}},
    "evening": {"type": "playlist", "name": "An Evening In"},
    "gravel": {"type": "song", "name": "Gravel", "related": {"playlists": ["race"]}},
    "engine": {"type": "song", "name": "Engine", "related": {"playlists": ["race"]}},
    "race": {"type": "playlist", "name": "Ready to Race"},
}


@pytest.fixture
def shelf(world: LearntWorld) -> LearntWorld:
    put_entities(world.cluster, SHELF)
    # Whoever writes with a pipeline by default must not have it run by this.
    name = world.cluster.name("refuse")
    world.cluster.request(
        "PUT", f"/_ingest/pipeline/{name}", {"processors": [{"fail": {"message": "it ran"}}]}
    )
    settings = {"index.default_pipeline": name}
    world.cluster.request("PUT", f"/{world.cluster.name('entities')}/_settings", settings)
    return world


def embed(world: LearntWorld) -> Any:
    return embed_graph(world.cluster, world.world.services.schema)


def source(world: LearntWorld, id: str) -> dict[str, Any]:
    found = world.cluster.get(f"/{world.cluster.name('entities')}/_doc/{id}")
    return dict(found["_source"])


def naming(entity: str) -> Query:
    slot = Slot(0, 1, entity, "name", "name", entity, 0.9, entity)
    return Query(entity, memory_key(entity), NOW, slots=(slot,))


def test_what_shares_no_word_but_a_collection_is_found_by_name(shelf: LearntWorld) -> None:
    before = source(shelf, "harbour")
    done = embed(shelf)
    assert (done.connected, done.written) == (6, 6)
    after = source(shelf, "harbour")
    assert len(after.pop("graph_vector")) == 64
    assert after == before

    query = shelf.known(naming("harbour"))
    assert query.graph_vector is not None
    found = shelf.ask("graph", graph_vector=query.graph_vector, text="harbour", size=3)
    assert found[0] == "harbour"
    assert set(found) == {"harbour", "lantern", "evening"}
    assert shelf.ask("lexical", text="harbour") == ["harbour"]
    playlists = [{"term": {"type": "playlist"}}]
    only = shelf.ask("graph", graph_vector=query.graph_vector, filters=playlists, size=1)
    assert only == ["evening"]


def test_a_session_stands_where_it_chose_until_words_name_something(shelf: LearntWorld) -> None:
    embed(shelf)
    shelf.choose("gravel", "gravel", session="s", user="ann")
    shelf.learn()
    for somebody in ({"session": "s"}, {"user": "ann"}):
        shelf.cluster.request("POST", f"/{shelf.cluster.name('journal')}-000001/_refresh")
        query = shelf.known(who(Query("tune", memory_key("tune"), NOW), **somebody))
        assert query.graph_vector is not None
        found = shelf.ask("graph", graph_vector=query.graph_vector, size=3)
        assert set(found) == {"gravel", "engine", "race"}
        named = shelf.known(who(naming("harbour"), **somebody))
        assert "lantern" in shelf.ask("graph", graph_vector=named.graph_vector, size=3)


def test_again_it_writes_only_what_changed_and_what_was_loaded_anew(shelf: LearntWorld) -> None:
    embed(shelf)
    assert embed(shelf).written == 0
    shelf.cluster.request(
        "PUT", f"/{shelf.cluster.name('entities')}/_settings", {"index.default_pipeline": "_none"}
    )
    put_entities(shelf.cluster, {"lantern": SHELF["lantern"]})
    assert "graph_vector" not in source(shelf, "lantern")
    before = source(shelf, "gravel")
    assert embed(shelf).written == 1
    assert "graph_vector" in source(shelf, "lantern")
    assert source(shelf, "gravel") == before
    # An entity that belongs to nothing any more has no place either.
    alone = {
        "type": "song",
        "name": "Lantern",
        "graph_vector": source(shelf, "lantern")["vector"] * 4,
    }
    put_entities(shelf.cluster, {"lantern": alone})
    embed(shelf)
    assert source(shelf, "lantern")["graph_vector"] is None
    assert embed(shelf).written == 0


def test_what_people_chose_for_the_same_query_belongs_together(world: LearntWorld) -> None:
    put_entities(world.cluster, SHELF)
    world.world.remember("tunes to drive by", {"gravel": 0.9, "harbour": 0.9, "lover": 0.9})
    embed(world)
    query = world.known(naming("lover"))
    assert query.graph_vector is not None
    near = world.ask("graph", graph_vector=query.graph_vector, size=7)
    assert {"gravel", "harbour"} <= set(near)


def test_without_a_field_for_it_the_schema_is_what_must_change(world: LearntWorld) -> None:
    with pytest.raises(InvalidRequest, match=r"schema\.toml"):
        embed_graph(world.cluster, replace(world.world.services.schema, graph=None))
