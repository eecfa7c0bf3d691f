"""A plain write by any client gets its vector and its predicted queries from OpenSearch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.assets import AssetValues
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration

SONG = {
    "type": "song",
    "name": ["Love Story", None, ""],
    "by": ["Ann", "Bob"],
    "part_of": "  The Sea ",
    "published": 2008,
    "popularity": 3,
    "related": {"artist": ["a1"]},
    "of_our_own": {"kept": True},
}


@pytest.fixture
def put(folder: Path, cluster: Cluster, values: AssetValues) -> Callable[..., dict[str, Any]]:
    """Applies the assets; then writes one document and gives back what was stored."""
    apply(folder, cluster, values)

    def put_one(document: dict[str, Any]) -> dict[str, Any]:
        path = f"/{cluster.name('entities')}/_doc/1"
        cluster.request("PUT", path, document, params={"refresh": "true"})
        return dict(cluster.get(path)["_source"])

    return put_one


def test_a_plain_document_gets_vector_and_predicted_queries_and_keeps_what_it_had(
    put: Callable[..., dict[str, Any]], model_server: Any
) -> None:
    stored = put(SONG)  # no catalogue was loaded: sparse weights come later
    assert stored["enrichment"] == "partial"
    assert stored["vector"] == pytest.approx([0.5**0.5, 0.5**0.5, 0, 0, 0])
    assert "love story" in stored["predicted_queries"]
    assert stored["q2e"][memory_key("love story")] > 0
    generated = {"vector", "q2e", "predicted_queries", "enrichment"}
    assert {key: value for key, value in stored.items() if key not in generated} == SONG


def test_the_pipeline_joins_the_same_text_as_a_bulk_load(
    put: Callable[..., dict[str, Any]], folder: Path, model_server: Any
) -> None:
    put(SONG)
    expected = load_schema(folder).embedding_text(SONG)
    assert expected == "Love Story, Ann, Bob, The Sea"
    assert model_server.encoder.batches == [[expected]]


def test_a_document_that_a_client_enriched_is_left_alone(
    put: Callable[..., dict[str, Any]], model_server: Any
) -> None:
    document = {**SONG, "vector": [1.0, 0, 0, 0, 0], "q2e": {"abc": 0.5}, "enrichment": "done"}
    assert put(document) == document
    assert not model_server.encoder.batches


def test_a_changed_document_gets_a_new_vector(put: Callable[..., dict[str, Any]]) -> None:
    stored = put(SONG)
    again = put({**stored, "name": "War", "part_of": None, "enrichment": "pending"})
    assert again["vector"] == pytest.approx([0, 0, 0, 1, 0])
    assert memory_key("love story") not in again["q2e"]


def test_a_document_without_text_is_done_without_a_vector(
    put: Callable[..., dict[str, Any]],
) -> None:
    assert put({"type": "song"}) == {"type": "song", "enrichment": "done"}


def test_a_model_server_that_is_down_costs_no_document(
    put: Callable[..., dict[str, Any]], model_server: Any
) -> None:
    model_server.stop()
    assert put(SONG) == {**SONG, "enrichment": "pending"}


def test_a_bulk_write_reaches_the_encoder_in_batches(
    put: Callable[..., dict[str, Any]], cluster: Cluster, model_server: Any
) -> None:
    lines: list[Any] = []
    for number in range(100):
        lines.append({"index": {"_index": cluster.name("entities"), "_id": f"b{number}"}})
        lines.append({"type": "song", "name": f"City {number}"})
    answer = cluster.lines("POST", "/_bulk", lines, params={"refresh": "true"})
    assert not answer["errors"]
    # Two requests at once: which arrives first is not promised.
    assert sorted(len(batch) for batch in model_server.encoder.batches) == [36, 64]
    counted = cluster.get(f"/{cluster.name('entities')}/_count", q="enrichment:partial")
    assert counted["count"] == 100
