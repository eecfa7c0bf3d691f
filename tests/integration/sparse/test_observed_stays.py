"""Loading entities again keeps what people chose: predictions are a field, evidence is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from small_library import ASSETS, TITLES, Place

from bandit_service.learner.projection import Projection
from bandit_service.learner.state import State
from bandit_service.policies.static import StaticPolicy
from ltrr.settings import Settings
from ltrr.wiring import make_encoder
from plugin.cluster import Cluster
from plugin.model import Choice, Query
from plugin.retrieval import retrieve
from plugin.rewriting import rewrite
from plugin.strategies import load_strategies
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration


def remembered(cluster: Cluster, text: str) -> dict[str, float]:
    """What the memory strategy brings for ``text``."""
    choice = Choice("memory", 0.5, 1.0, True, 20, 1.0)
    query = Query(text, memory_key(text), datetime.now(UTC))
    lines = rewrite(query, [choice], load_strategies(ASSETS), cluster.name, "type")
    (found,) = retrieve(cluster, lines, [choice])
    return {hit.id: hit.score for hit in found.hits}


def test_what_was_observed_is_still_there_after_the_same_entities_are_loaded_again(
    cluster: Cluster, node_settings: Settings
) -> None:
    place = Place(cluster, node_settings, make_encoder(Settings.from_env()))
    place.apply()
    place.load()
    chosen = f"song-{TITLES.index('the old dog')}"
    predicted = remembered(cluster, "the old dog")
    assert set(predicted) == {chosen, chosen.replace("song", "album")}

    state: Any = State(StaticPolicy({}, budget=10))
    for text in ("a friend on four legs", "the old dog"):
        for session in ("s1", "s2", "s3"):
            key = memory_key(text)
            state.memory.show(key, session, chosen, 1, predicted.get(chosen))
            state.memory.vote(key, session, chosen, "click", 1.0)
    Projection(cluster, sessions=3).write_changed(state)
    cluster.request("POST", f"/{cluster.name('memory')}/_refresh")
    texts = ("the old dog", "a friend on four legs")
    before = {text: remembered(cluster, text) for text in texts}
    assert before["the old dog"][chosen] > predicted[chosen]
    assert set(before["a friend on four legs"]) == {chosen}

    place.load(rebuild=True)
    assert {text: remembered(cluster, text) for text in texts} == before
