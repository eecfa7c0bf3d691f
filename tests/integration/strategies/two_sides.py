"""A world with two sides: what may be found, and what must not, which is better in every way.

Whatever a strategy reads, the forbidden entities have more of it: they are nearer, more popular,
newer, chosen by more. Only the filters tell them apart. Nothing here lists the strategies or their
fields: a new one is covered as soon as its folder is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from plugin.assets.body import named_fields
from plugin.assets.files import Assets
from plugin.assets.mapping import walk_fields
from plugin.assets.mustache import render
from plugin.cluster import Cluster
from plugin.model import Choice, Hit, Query, Slot
from plugin.strategies import Strategy
from plugin.understanding import memory_key

DIMENSIONS = 3
TEXT = "blue moon"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORBIDDEN = 30
"""More than are asked for: who filters afterwards brings nothing that is allowed."""
SIZE = 10
SEED = "allowed-seed"
OTHER_TYPE = "kept-out"
VECTORS = ("vector", "adapted_vector", "user_vector", "session_vector", "graph_vector")

ALLOWED: dict[str, Any] = {
    "language": "en",
    "published": "2020-05-01",
    "part_of": ["Night"],
    "place": {"lat": 52.52, "lon": 13.40},
    "popularity": 1,
}
BERLIN = {"lat": 52.5, "lon": 13.4, "within": "20km"}
KEPT_OUT: dict[str, Any] = {
    "language": "xx",
    "published": "2026-11-01",
    "text": "Blue Moon, blue moon, blue moon.",
    "place": {"lat": 48.85, "lon": 2.35},
    "popularity": 99,
}
CONDITIONS: dict[str, dict[str, Any]] = {
    "terms": {"language": ["en", "de"]},
    "range": {"published": {"gte": 2019, "lt": 2024}},
    "exists": {"part_of": {"exists": True}},
    "exists not": {"text": {"exists": False}},
    "within a distance": {"place": {"geo": BERLIN}},
    "inside a box": {"place": {"geo": {"top": 53, "left": 13, "bottom": 52, "right": 14}}},
    "ids": {"id": ["allowed-song-1", "allowed-song-2", SEED]},
}


def types_of(strategies: Sequence[Strategy]) -> list[str]:
    """The types of which there are entities on both sides."""
    return sorted({"song", *(name for one in strategies for name in one.entity_types)})


def documents(assets: Assets, strategies: Sequence[Strategy]) -> Iterator[tuple[str, Any]]:
    """Every (id, entity): two allowed and many forbidden ones of every type, and a seed."""
    properties = assets.indexes["entities"]["mappings"]
    yield SEED, _entity(properties, "song", 0.5) | ALLOWED
    for kind in types_of(strategies):
        for number in (1, 2):
            yield f"allowed-{kind}-{number}", _entity(properties, kind, 0.6) | ALLOWED
    for kind in [*types_of(strategies), OTHER_TYPE]:
        for number in range(FORBIDDEN):
            yield f"forbidden-{kind}-{number}", _entity(properties, kind, 1.0) | KEPT_OUT


def _entity(mappings: Mapping[str, Any], kind: str, nearness: float) -> dict[str, Any]:
    entity = {
        "type": kind,
        "name": "Blue Moon",
        "aliases": ["Blue Moon"],
        "by": ["Blue Moon Trio"],
        "categories": ["jazz"],
        "attributes": ["blue", "moon"],
        "related": {"songs": [SEED]},
        "predicted_queries": [TEXT],
        "enrichment": "done",
    }
    return entity | _open_fields(mappings, nearness)


def _open_fields(mappings: Mapping[str, Any], nearness: float) -> dict[str, Any]:
    """Every vector and every weight by token that a mapping has room for."""
    filled: dict[str, Any] = {}
    for path, body in walk_fields(mappings):
        if body.get("type") == "knn_vector":
            filled[path] = vector(_dimension(body), nearness)
        elif body.get("type") == "rank_features":
            filled[path] = dict.fromkeys((memory_key(TEXT), *TEXT.split()), nearness)
    return filled


def vector(dimensions: int, nearness: float = 1.0) -> list[float]:
    """The vector that is asked for, or one whose cosine with it is ``nearness``."""
    return [nearness, (1 - nearness**2) ** 0.5, *[0.0] * (dimensions - 2)]


def _dimension(body: Mapping[str, Any]) -> int:
    given = body["dimension"]
    return DIMENSIONS if isinstance(given, str) else int(given)


def memories(assets: Assets, ids: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """What was chosen after this text and one like it: the forbidden ones most of all."""
    mappings = assets.indexes["memory"]["mappings"]
    names = {path for path, _ in walk_fields(mappings)}
    references = [{"id": id, "score": 0.1 if id.startswith("allowed") else 1.0} for id in ids]
    for text in (TEXT, f"the {TEXT}"):
        memory = {
            "memory_key": memory_key(text),
            "text": text,
            "references": references,
            "observed": 9.0,
            **_open_fields(mappings, 1.0),
        }
        yield memory_key(text), {name: value for name, value in memory.items() if name in names}


def asked(assets: Assets, ids: Sequence[str], filters: Sequence[Any]) -> Query:
    """A query of which everything is known that a strategy can need."""
    return Query(
        text=TEXT,
        memory_key=memory_key(TEXT),
        now=NOW,
        filters=tuple(filters),
        slots=(
            Slot(0, 2, TEXT, "name", "name.exact", TEXT, 0.9, SEED),
            Slot(0, 1, "blue", "facets", "attributes", "blue", 0.6),
            Slot(1, 2, "moon", "facets", "attributes", "moon", 0.6),
            Slot(0, 2, TEXT, "by", "by.keyword", "Blue Moon Trio", 0.5),
        ),
        sparse={"blue": 1.0, "moon": 0.8},
        trending=tuple((id, 0.1 if id.startswith("allowed") else 1.0) for id in ids),
        **{name: tuple(vector(_length(assets, name))) for name in VECTORS if name in _KNOWN},
    )


_KNOWN = frozenset(Query.__dataclass_fields__)


def _length(assets: Assets, name: str) -> int:
    """How long the vectors are that the strategies compare with this one."""
    for strategy in assets.strategies:
        if name not in strategy.reads:
            continue
        body = render(strategy.template, assets.cases[strategy.name][0].params)
        for index in strategy.indexes:
            fields = dict(walk_fields(assets.indexes[index]["mappings"]))
            for named in named_fields(body):
                if fields.get(named.field, {}).get("type") == "knn_vector":
                    return _dimension(fields[named.field])
    return DIMENSIONS


def choices(strategies: Sequence[Strategy]) -> list[Choice]:
    """Everything is tried."""
    return [
        Choice(one.name, 0.5, 1.0, True, SIZE, 1 / max(1, len(strategies))) for one in strategies
    ]


def seeds() -> list[Hit]:
    """What a second hop starts from: what the first one found, inside the filters."""
    return [Hit(SEED, 1.0)]


def fill(cluster: Cluster, assets: Assets) -> list[str]:
    """Store both sides; returns the ids of the entities."""
    entities = dict(documents(assets, assets.strategies))
    lines: list[Any] = []
    for index, table in (
        ("entities", entities),
        ("memory", dict(memories(assets, list(entities)))),
    ):
        for id, source in table.items():
            lines += [{"index": {"_index": cluster.name(index), "_id": id}}, source]
    answer = cluster.lines("POST", "/_bulk", lines, params={"refresh": "true"})
    assert not answer["errors"], answer
    return list(entities)
