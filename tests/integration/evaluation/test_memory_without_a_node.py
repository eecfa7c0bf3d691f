"""What the simulations compute of the memory is what a real node answers, on 200 queries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import orjson
import pytest

from bandit_service.choosing import Choosing
from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.memory_index import MemoryIndex
from bandit_service.evaluation.loop.recorded import Nearest, RecordedStations, vectors_by_key
from bandit_service.evaluation.recorder import Recorder
from bandit_service.evaluation.recordings import DEPTH, Recording
from bandit_service.learner.meanings import Meanings
from bandit_service.learner.projection import Projection
from bandit_service.learner.state import State
from bandit_service.memory import Memory
from bandit_service.page import Question
from bandit_service.policies.static import StaticPolicy
from ltrr.loading import Request, load
from ltrr.settings import Settings
from ltrr.wiring import asset_values, make_encoder, make_knowing
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.blending.minmax import MinMax
from plugin.cluster import Cluster
from plugin.model import Choice, Decision, Hit, Retrieved
from plugin.strategies import load_strategies

REMEMBERING = ("memory", "memory_text", "semantic_memory")
WORDS = tuple(
    "rain sun night dance slow love road blue red café don't summer winter jazz soul party sad "  # noqa: SIM905
    "happy guitar piano live old wild city river dream fire gold heart home".split()
)
ENTITIES = 60
QUERIES = 200
REMEMBERED = 150

pytestmark = pytest.mark.integration


def queries() -> list[Judged]:
    dice = random.Random(1)
    texts: dict[str, None] = {}
    while len(texts) < QUERIES:
        texts[" ".join(dice.sample(WORDS, dice.randint(1, 5)))] = None
    return [Judged(f"q{at}", text, "all", {"e1": 1}) for at, text in enumerate(texts)]


def corpus(folder: Path) -> Path:
    dice = random.Random(2)
    lines = [
        {"_id": f"e{at}", "title": " ".join(dice.sample(WORDS, 3)), "text": ""}
        for at in range(ENTITIES)
    ]
    folder.mkdir()
    (folder / "corpus.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    return folder


def remembered(recording: Recording, judged: Sequence[Judged]) -> Memory:
    """Three to six sessions each saw five entities, and chose one or two of them."""
    dice = random.Random(3)
    memory = Memory()
    for one in judged[:REMEMBERED]:
        key = recording.query(one.id).query.memory_key
        shown = [f"e{at}" for at in dice.sample(range(ENTITIES), 5)]
        for session in range(dice.randint(3, 6)):
            for position, entity in enumerate(shown, 1):
                memory.show(key, f"s{session}", entity, position, None)
            for entity in shown[: dice.randint(1, 2)]:
                memory.vote(key, f"s{session}", entity, "click", 0.6)
        memory.name(key, one.text)
    return memory


def test_the_memory_of_simulations_answers_as_the_node(
    cluster: Cluster, node_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(node_settings, enrichment="client")
    apply(settings.assets, cluster, asset_values(settings))
    load(settings, Request(path=corpus(tmp_path / "small"), form="beir", fields={}))
    strategies = tuple(one for one in load_strategies(settings.assets) if one.name in REMEMBERING)
    encoder = make_encoder(settings)
    recorder = Recorder(
        cluster,
        strategies,
        make_knowing(settings, cluster, encoder),
        MinMax(),
        load_schema(settings.assets),
    )
    judged = queries()
    recording = Recording()
    recorder.record(recording, judged)

    memory = remembered(recording, judged)
    index = MemoryIndex(vectors_by_key(recording, judged), sessions=3)
    same = Memory.from_json(memory.to_json())
    same.changed = set(memory.changed)
    index.follow(same)
    state = State(StaticPolicy({}, budget=100), memory=memory)
    Projection(cluster, sessions=3, meanings=Meanings(cluster, encoder)).write_changed(state)

    nobody = Nearest(
        lambda query: query, Catalogue({}, {}, np.zeros((0, 2), np.float32))
    )  # nothing was adapted
    now = datetime(2026, 1, 5, tzinfo=UTC)
    stations = RecordedStations(recording, judged, index, nobody, lambda: now)
    draw = stations.drawing(Choosing(strategies, lambda _: {}, Nothing(), candidates=DEPTH))
    choices = tuple(Choice(name, 0.0, 1.0, True, DEPTH, 1 / 3) for name in REMEMBERING)
    decision = Decision(choices, "everything", 1.0, "test")
    agreed = dict.fromkeys(REMEMBERING, 0)
    found = dict.fromkeys(REMEMBERING, 0)
    for one in judged:
        _, there = recorder.draw(one)
        on_node = {result.strategy: result for result in there}
        here = draw(stations.know(Question(one.text), []), decision, strategies, [])
        for result in here:
            agreed[result.strategy] += alike(result, on_node[result.strategy])
            found[result.strategy] += bool(result.hits)
    assert found["memory"] >= REMEMBERED
    assert found["memory_text"] > REMEMBERED
    assert found["semantic_memory"] > REMEMBERED
    assert agreed["memory"] == QUERIES
    # BM25's statistics on the node count deleted documents; a graph may miss a neighbour.
    assert agreed["memory_text"] >= 0.97 * QUERIES
    assert agreed["semantic_memory"] >= 0.97 * QUERIES


class Nothing:
    """No snapshot."""

    def current(self) -> None:
        return None

    def history(self) -> tuple[()]:
        return ()


def alike(one: Retrieved, other: Retrieved) -> bool:
    """The same entities with the same scores, as far as single precision goes."""
    mine, theirs = scores(one.hits), scores(other.hits)
    return mine.keys() == theirs.keys() and all(
        score == pytest.approx(theirs[id], rel=2e-3) for id, score in mine.items()
    )


def scores(hits: Sequence[Hit]) -> dict[str, float]:
    return {hit.id: hit.score for hit in hits}
