"""What ranking reads of a real node: cosines, words of names, what people made of pages before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from small_world import ASSETS, FixedSnapshots, Words, World, searching

from bandit_service.adapter.predicted import PredictedPairs
from bandit_service.adapter.vectors import TrainingVectors
from bandit_service.past import Past
from bandit_service.personal.entities import VectorReader
from plugin.assets.schema import load_schema
from plugin.hydration import Extras, hydrate
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration
SCHEMA = load_schema(ASSETS)


def ids(page: Any) -> list[str]:
    return [hit["id"] for hit in page["hits"]]


def test_cosines_are_exact_and_only_of_what_has_a_vector(shared_world: World) -> None:
    vector = Words().encode(["love"])[0]
    found = hydrate(
        shared_world.cluster,
        SCHEMA,
        ["love", "secret", "nobody"],
        (),
        show=(),
        extras=Extras(vectors={"query": vector.tolist()}),
    )
    source = shared_world.cluster.get(f"/{shared_world.cluster.name('entities')}/_doc/love")
    own = source["_source"]["vector"]
    assert found.cosines["query"]["love"] == pytest.approx(vector @ own, abs=1e-3)
    assert "nobody" not in found.cosines["query"]
    assert found.ranking["love"]["name.keyword"]


def test_the_journal_holds_what_a_page_was_ranked_by(world: World) -> None:
    page = searching(world.client())("love")
    entry = world.journal.first_page(page["query_id"])
    rows = entry.body["ranking"]["rows"]
    assert any("cosine:query" in row and "asked:name" in row for row in rows)


def test_what_is_always_shown_and_never_chosen_sinks(world: World) -> None:
    before = searching(world.client())("love")
    first, second = ids(before)[:2]
    world.remember("love", {}, rate=0.1, seen=[{"id": first, "clicks": 0.0, "looks": 40.0}])
    client = sidecar(world)
    after = searching(client)("love", explain=True)
    assert ids(after)[0] == second
    assert ids(after).index(first) == len(ids(after)) - 1
    (why,) = [hit["reasons"] for hit in after["hits"] if hit["id"] == first]
    assert why["asked before"] < 0
    # Other queries are as they were.
    assert ids(searching(client)("love love"))[0] == ids(searching(world.client())("love love"))[0]


def test_what_was_chosen_for_the_very_same_query_rises(world: World) -> None:
    last = ids(searching(world.client())("love"))[-1]
    world.remember("love", {last: 0.5}, rate=0.1, seen=[{"id": last, "clicks": 9, "looks": 12}])
    assert ids(searching(sidecar(world))("love"))[0] == last


def sidecar(world: World) -> FlaskClient:
    past = Past(world.cluster)
    # Without a snapshot everything runs; what a static policy decides is the baseline, and stays.
    return world.client(featurise=past.context, before=past.before, snapshots=FixedSnapshots(None))


def predicted(world: World) -> PredictedPairs:
    vectors = TrainingVectors(Words(), VectorReader(world.cluster, SCHEMA, timeout_s=30))
    return PredictedPairs(world.cluster, SCHEMA, vectors.queries, vectors.entities)


def test_an_adapter_starts_from_what_was_predicted(world: World) -> None:
    assert predicted(world)() is None
    texts = ["love song", "a song of love"]
    entity = {
        "type": "song",
        "name": "Love",
        "vector": Words().encode(["Love"])[0].tolist(),
        "predicted_queries": texts,
        "q2e": {memory_key(text): 0.4 - at / 10 for at, text in enumerate(texts)},
    }
    path = f"/{world.cluster.name('entities')}/_doc/predicted"
    world.cluster.request("PUT", path, entity, params={"refresh": "true"})
    pairs = predicted(world)()
    assert pairs is not None
    assert set(pairs.keys) == set(entity["q2e"])
    assert set(pairs.ids) == {"predicted"}
    assert sorted(pairs.weights) == pytest.approx([0.3, 0.4])
    assert pairs.entities[0] == pytest.approx(Words().encode(["Love"])[0], abs=1e-4)
    again = predicted(world)()
    assert again is not None
    assert replace(again).keys == pairs.keys
