"""Single writes by any client: OpenSearch itself asks our model server."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import urllib3
from ingest_place import ASSETS, Place

from ingest.bulk import Loader, Target
from ingest.enrichment.enrich import enrich
from ingest.sources.base import Document
from ltrr.enriching import known_enricher, make_enricher
from ltrr.settings import Settings
from plugin.assets.schema import Schema
from plugin.encoding import Encoder
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration

WORDS = ["bridge", "river", "window", "garden", "bell", "mirror", "harbour", "lantern"]

SONG = {
    "type": "song",
    "name": "Roadster",
    "aliases": ["R-1"],
    "by": ["Gazelle", "Sparta"],
    "part_of": ["City"],
    "categories": ["touring"],
    "attributes": ["2010s", "calm"],
    "text": "  Goes by itself.  ",
    "published": "2012",
    "popularity": 90,
    "related": {"maker": ["artist-gazelle"]},
}


@pytest.fixture
def settings(node_settings: Settings) -> Settings:
    return replace(node_settings, assets=ASSETS)


def post(place: Place, body: Any, identifier: str) -> dict[str, Any]:
    """What a client that knows nothing of us does."""
    answer = urllib3.request(
        "PUT", f"{place.cluster.url}/{place.cluster.name('entities')}/_doc/{identifier}", json=body
    )
    assert answer.status == 201, answer.data
    found = place.cluster.get(f"/{place.cluster.name('entities')}/_doc/{identifier}")
    source: dict[str, Any] = found["_source"]
    return source


def load_a_catalogue(place: Place, settings: Settings, schema: Schema, encoder: Encoder) -> None:
    """Many popular entities that have an attribute in common with :data:`SONG`."""

    class Many:
        def read(self) -> Any:
            for number in range(120):
                name = f"{WORDS[number % 8]} {WORDS[number % 7]} {number}"
                song = {"type": "song", "name": name, "popularity": 99, "attributes": ["calm"]}
                yield Document(f"many-{number}", song, f"line {number}")

    alias = place.cluster.name("entities")
    enricher = make_enricher(settings, place.cluster, schema, encoder, alias, Many())
    target = Target(alias, "_none")
    outcome = Loader(place.cluster, target, schema, encoder, enricher).load(
        Many(), lambda failure: pytest.fail(failure.reason)
    )
    assert outcome.stored == 120


def within(seconds: float, look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def dense(place: Place, encoder: Encoder, text: str) -> list[str]:
    query = {
        "query": {"knn": {"vector": {"vector": encoder.encode([text])[0].tolist(), "k": 3}}},
        "_source": False,
    }
    path = f"/{place.cluster.name('entities')}/_search"
    return [hit["_id"] for hit in place.cluster.request("POST", path, query)["hits"]["hits"]]


def remembered(place: Place, text: str) -> list[str]:
    field = f"q2e.{memory_key(text)}"
    query = {"query": {"rank_feature": {"field": field, "linear": {}}}, "_source": False}
    path = f"/{place.cluster.name('entities')}/_search"
    return [hit["_id"] for hit in place.cluster.request("POST", path, query)["hits"]["hits"]]


def test_a_plain_document_is_found_by_meaning_and_by_memory_seconds_later(
    place: Place, encoder: Encoder
) -> None:
    stored = post(place, SONG, "a")
    assert stored["enrichment"] == "partial"  # no catalogue was loaded yet
    assert len(stored["vector"]) == encoder.dimensions
    assert within(5, lambda: dense(place, encoder, "a touring bike") == ["a"])
    assert remembered(place, "Gazelle: ROADSTER") == ["a"]
    assert remembered(place, "something else") == []


def test_a_document_keeps_every_field_it_came_with(place: Place) -> None:
    stored = post(place, {**SONG, "unknown": {"kept": 1}}, "a")
    assert {name: stored[name] for name in SONG} == SONG
    assert stored["unknown"] == {"kept": 1}
    assert set(stored) - set(SONG) == {
        "unknown", "enrichment", "vector", "q2e", "predicted_queries",
    }  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        SONG,
        {"type": "song", "name": "夜に駆ける", "aliases": ["Yoru ni Kakeru"], "by": "YOASOBI"},
        {"type": "song", "name": 'Say "what" \\ {{name}} | a:1 \n', "by": ["Ünïcode 🎵"]},
        {"type": "playlist", "name": "1999", "popularity": 12.5, "categories": []},
    ],
)
@pytest.mark.parametrize("loaded", [False, True])
def test_client_and_pipeline_enrich_a_document_the_same(
    place: Place,
    settings: Settings,
    schema: Schema,
    encoder: Encoder,
    document: dict[str, Any],
    loaded: bool,
) -> None:
    if loaded:
        load_a_catalogue(place, settings, schema, encoder)
    by_pipeline = post(place, document, "a")
    enricher = known_enricher(settings, place.cluster, schema)
    (enriched,) = enrich([document], schema, encoder, enricher)
    by_client = json.loads(json.dumps(enriched, default=lambda array: array.tolist()))
    difference = np.abs(np.array(by_pipeline.pop("vector")) - np.array(by_client.pop("vector")))
    assert difference.max() < 1e-5
    assert by_pipeline == by_client
    assert ("sparse" in by_client) == loaded


def test_a_live_write_is_judged_and_weighed_as_soon_as_a_catalogue_is_loaded(
    place: Place, settings: Settings, schema: Schema, encoder: Encoder
) -> None:
    song = {"type": "song", "name": "Roadster", "by": ["Gazelle"], "attributes": ["calm"]}
    before = post(place, song, "a")
    load_a_catalogue(place, settings, schema, encoder)
    # The model server looks once a second; the write that comes after that look knows.
    assert within(5, lambda: "sparse" in post(place, song, secrets.token_hex(4)))
    after = post(place, song, "b")
    assert after["sparse"]["roadster"] > 0
    # A hundred others are calm and popular: this one does not come back for that alone.
    assert memory_key("calm") in before["q2e"]
    assert memory_key("calm") not in after["q2e"]
    assert memory_key("roadster gazelle") in after["q2e"]


def test_a_document_enriched_by_a_client_is_not_enriched_again(place: Place) -> None:
    vector = [1.0] + [0.0] * 383
    stored = post(place, {**SONG, "vector": vector, "enrichment": "done"}, "a")
    assert stored["vector"] == vector
    assert "q2e" not in stored


def test_a_changed_document_gets_a_new_vector(place: Place) -> None:
    before = post(place, SONG, "a")
    changed = {**before, "name": "Nightrider", "enrichment": "pending"}
    after = post(place, changed, "b")
    assert after["vector"] != before["vector"]
    assert memory_key("nightrider") in after["q2e"]
    assert memory_key("roadster") not in after["q2e"]


def test_without_a_model_server_the_document_is_kept_and_marked_pending(
    place_without_models: Place,
) -> None:
    stored = post(place_without_models, SONG, "a")
    assert {name: stored[name] for name in SONG} == SONG
    assert stored["enrichment"] == "pending"
    assert set(stored) - set(SONG) == {"enrichment"}


def test_pending_documents_are_repaired_by_loading_them_again(
    place_without_models: Place, schema: Schema, encoder: Encoder
) -> None:
    place = place_without_models
    post(place, SONG, "a")

    class One:
        def read(self) -> Any:
            yield Document("a", SONG, "line 1")

    target = Target(place.cluster.name("entities"), "_none")
    Loader(place.cluster, target, schema, encoder).load(One(), lambda _: None)
    assert dense(place, encoder, "a touring bike") == ["a"]


def test_a_document_without_words_is_stored_without_a_vector(place: Place) -> None:
    stored = post(place, {"type": "song", "popularity": 1}, "a")
    assert stored == {"type": "song", "popularity": 1, "enrichment": "done"}


def test_a_bulk_request_of_any_client_is_enriched_in_batches(
    place: Place, encoder: Encoder
) -> None:
    lines: list[Any] = []
    for number in range(130):
        lines += [{"index": {"_id": str(number)}}, {"type": "song", "name": f"Song {number}"}]
    name = place.cluster.name("entities")
    answer = place.cluster.lines("POST", f"/{name}/_bulk", lines, params={"refresh": "true"})
    assert not answer["errors"]
    done = place.cluster.request(
        "POST", f"/{name}/_count", {"query": {"term": {"enrichment": "partial"}}}
    )
    assert done["count"] == 130
    assert "77" in dense(place, encoder, "song 77")
