"""`ltrr ingest --repair`: what waited for a dead model server gets its vector on the client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ingest_place import Place
from test_bulk_load import ingest, stored, write_lines

from ingest.repair import Repaired, repair
from plugin.assets.schema import Schema
from plugin.encoding import Encoder

pytestmark = pytest.mark.integration


def put(place: Place, identifier: str, body: Any, **params: str) -> None:
    path = f"/{place.cluster.name('entities')}/_doc/{identifier}"
    place.cluster.request("PUT", path, body, params={"refresh": "true", **params})


def test_entities_that_a_dead_model_server_left_pending_are_repaired(
    place_without_models: Place, tmp_path: Path
) -> None:
    place = place_without_models
    songs = [{"id": f"s{n}", "type": "song", "name": f"Song {n}", "x": n} for n in range(300)]
    path = write_lines(tmp_path / "songs.jsonl", *songs)
    code, summary, _ = ingest(place, path, "--enrich", "pipeline", folder=tmp_path)
    assert (code, summary["pending"]) == (0, 300)
    put(place, "no-vector", {"name": "Alone", "enrichment": "done"}, pipeline="_none")
    put(place, "unmarked", {"name": "Unmarked"}, pipeline="_none")
    put(place, "wordless", {"popularity": 3, "enrichment": "done"}, pipeline="_none")

    code, summary, errors = ingest(place, "--repair", folder=tmp_path)
    assert (code, errors) == (0, [])
    assert (summary["found"], summary["repaired"], summary["failed"]) == (302, 302, 0)
    assert ingest(place, "--repair", folder=tmp_path)[1]["found"] == 0

    ask = {"query": {"term": {"enrichment": "pending"}}}
    path_ = f"/{place.cluster.name('entities')}/_count"
    assert place.cluster.request("POST", path_, ask)["count"] == 0
    one = place.cluster.get(f"/{place.cluster.name('entities')}/_doc/s7")["_source"]
    assert one["x"] == 7
    assert len(one["vector"]) == 384
    assert one["q2e"]
    wordless = stored(place).get("wordless", {"enrichment": "done"})
    assert "vector" not in wordless


def test_what_was_written_before_any_catalogue_gets_its_sparse_weights_later(
    place: Place, tmp_path: Path
) -> None:
    put(place, "early", {"type": "song", "name": "Early Bird"})
    assert stored(place)["early"]["enrichment"] == "partial"
    assert ingest(place, "--repair", folder=tmp_path)[1]["found"] == 0  # by what?
    songs = [{"id": f"s{n}", "type": "song", "name": f"Early Song {n}"} for n in range(3)]
    assert ingest(place, write_lines(tmp_path / "songs.jsonl", *songs), folder=tmp_path)[0] == 0
    assert ingest(place, "--repair", folder=tmp_path)[1]["repaired"] == 1
    repaired = stored(place)["early"]
    assert repaired["enrichment"] == "done"
    assert repaired["sparse"]["early"] > 0
    assert ingest(place, "--repair", folder=tmp_path)[1]["found"] == 0


class WritesWhileItEncodes:
    """An encoder that lets somebody else write between the reading and the storing of an entity."""

    version = "slow"

    def __init__(self, inner: Encoder, place: Place, times: int) -> None:
        self.dimensions = inner.dimensions
        self._inner = inner
        self._place = place
        self.times = times

    def encode(self, texts: Any) -> Any:
        if self.times:
            self.times -= 1
            put(self._place, "a", {"name": f"By somebody else {self.times}"}, pipeline="_none")
        return self._inner.encode(texts)


@pytest.mark.parametrize(("times", "changed"), [(1, 0), (99, 1)])
def test_a_write_that_came_in_meanwhile_is_not_overwritten(
    place_without_models: Place, schema: Schema, encoder: Encoder, times: int, changed: int
) -> None:
    place = place_without_models
    put(place, "a", {"name": "Before"}, pipeline="_none")
    put(place, "b", {"name": "Untouched"}, pipeline="_none")
    slow = WritesWhileItEncodes(encoder, place, times)
    failures: list[Any] = []
    alias = place.cluster.name("entities")
    done = repair(place.cluster, alias, schema, slow, failures.append)
    assert done == Repaired(found=2, repaired=2 - changed, changed=changed, failed=0)
    entity = place.cluster.get(f"/{alias}/_doc/a")["_source"]
    assert entity["name"].startswith("By somebody else")
    assert ("vector" in entity) == (not changed)
    assert failures == []
