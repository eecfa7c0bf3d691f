"""``embed_graph``: read what occurs together, embed it, write the entities' vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.bulk import BUSY, PAUSES
from ingest.graph.embedding import Matrix, embed
from ingest.graph.occurrence import Graph, graph_of
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import IngestError, InvalidRequest, MissingIndex, NodeUnavailable
from plugin.nested import value_at

PAGE = 1_000
BATCH = 500
SAME = 0.999
"""The cosine from which on a vector is the one that is there already."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was done: of ``entities``, those ``connected`` by ``edges`` have a vector; ``written``
    are those whose vector is new, another one, or gone."""

    entities: int
    connected: int
    edges: int
    written: int


def embed_graph(
    cluster: Cluster,
    schema: Schema,
    *,
    sessions: int = 3,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Embedded:
    """Give every entity its vector in the graph of what occurs together.

    Relations come from the entities themselves, the rest from the memory and users indexes, where
    they are there. Only what changed is written, and nothing else of an entity is touched: neither
    are ingest pipelines run. ``sessions``: how many people must have chosen two entities for it to
    count. ``advance`` is told how many of how many vectors were written.

    Loading an entity again takes its vector away until this is called the next time.

    Raises:
        InvalidRequest: the schema names no field for it.
        MissingIndex: there is no such index, or its mapping has no such field.
        IngestError: OpenSearch refused a vector.
        NodeUnavailable: OpenSearch does not answer.
    """
    if schema.graph is None:
        raise InvalidRequest(
            'schema.toml names no field for vectors of the graph: add graph = "…", and a '
            "knn_vector of that name to indexes/entities.json"
        )
    entities = f"/{cluster.name('entities')}"
    dimensions = _dimensions(cluster, entities, schema.graph)
    wanted = [field for field in (schema.related, schema.graph) if field]
    related: dict[str, Any] = {}
    before: dict[str, list[float]] = {}
    for id, source in _scan(cluster, entities, wanted):
        related[id] = value_at(source, schema.related) if schema.related else {}
        if (vector := value_at(source, schema.graph)) is not None:
            before[id] = vector
    graph = graph_of(
        related,
        {key: list(_pairs(source, "score")) for key, source in _known(cluster, "memory")},
        (list(_pairs(source, "weight")) for _, source in sorted(_known(cluster, "users"))),
        sessions=sessions,
    )
    vectors = embed(graph.nodes, list(graph.edges), list(graph.edges.values()), dimensions)
    after = _by_entity(graph, vectors)
    changed = [id for id in related if not _same(before.get(id), after.get(id))]
    written = 0
    for at in range(0, len(changed), BATCH):
        batch = {id: after.get(id) for id in changed[at : at + BATCH]}
        written += _write(cluster, schema.graph, batch, sleep)
        advance(at + len(batch), len(changed))
    if written:
        cluster.request("POST", f"{entities}/_refresh", timeout_s=120)
    return Embedded(len(related), len(after), len(graph.edges), written)


def _dimensions(cluster: Cluster, entities: str, field: str) -> int:
    found = cluster.get(f"{entities}/_mapping/field/{field}")
    for about in found.values():
        for one in about.get("mappings", {}).get(field, {}).get("mapping", {}).values():
            return int(one["dimension"])
    raise MissingIndex(f"the index of entities has no field {field}: `ltrr apply` adds it.")


def _by_entity(graph: Graph, vectors: Matrix) -> dict[str, Matrix]:
    """The vectors of entities that have one."""
    of_entities = zip(graph.nodes[: len(graph.nodes) - graph.hubs], vectors, strict=False)
    return {id: vector for id, vector in of_entities if vector.any()}


def _same(before: Sequence[float] | None, after: Matrix | None) -> bool:
    if before is None or after is None:
        return before is None and after is None
    old = np.asarray(before, dtype=np.float32)
    length = float(np.linalg.norm(old))
    return old.shape == after.shape and length > 0 and float(old @ after) >= SAME * length


def _write(
    cluster: Cluster,
    field: str,
    vectors: Mapping[str, Matrix | None],
    sleep: Callable[[float], None],
) -> int:
    """Write vectors, None taking one away; an entity that was deleted meanwhile is passed over."""
    waiting = dict(vectors)
    written = 0
    for pause in (*PAUSES, None):
        lines: list[Any] = []
        for id, vector in waiting.items():
            value = None if vector is None else np.round(vector.astype(np.float64), 6)
            lines += [{"update": {"_id": id}}, {"doc": _placed(field, value)}]
        results = _send(cluster, lines) if lines else []
        again: dict[str, Matrix | None] = {}
        for (id, vector), (status, reason) in zip(waiting.items(), results, strict=True):
            if status in BUSY or status == 409:
                again[id] = vector
            elif status >= 300 and status != 404:
                raise IngestError(f"OpenSearch refused the vector of {id}: {status} {reason}")
            written += status < 300
        waiting = again
        if not waiting or pause is None:
            break
        sleep(pause)
    if waiting:
        raise NodeUnavailable("OpenSearch is too busy to take the vectors. Try again later.")
    return written


def _send(cluster: Cluster, lines: Sequence[Any]) -> list[tuple[int, str]]:
    answer = cluster.lines(
        "POST",
        f"/{cluster.name('entities')}/_bulk",
        lines,
        params={
            "require_alias": "true",
            "pipeline": "_none",
            "filter_path": "items.*.status,items.*.error.reason",
        },
        timeout_s=120,
    )
    results = [item["update"] for item in answer["items"]]
    return [(int(one["status"]), one.get("error", {}).get("reason", "")) for one in results]


def _known(cluster: Cluster, index: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Documents with references; none where the index is not there."""
    if cluster.find(f"/_alias/{cluster.name(index)}") is not None:
        yield from _scan(cluster, f"/{cluster.name(index)}", ["references"])


def _pairs(source: Mapping[str, Any], worth: str) -> Iterator[tuple[str, float]]:
    for one in source.get("references") or ():
        yield str(one["id"]), float(one[worth])


def _scan(
    cluster: Cluster, path: str, fields: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every document as (id, source with these fields), as of now, in no particular order."""
    cluster.request("POST", f"{path}/_refresh")
    answer = cluster.request(
        "POST",
        f"{path}/_search",
        {"size": PAGE, "sort": ["_doc"], "_source": list(fields), "query": {"match_all": {}}},
        params={"scroll": "2m"},
        timeout_s=60,
    )
    scroll = answer["_scroll_id"]
    try:
        while hits := answer["hits"]["hits"]:
            for hit in hits:
                yield hit["_id"], hit.get("_source", {})
            answer = cluster.request(
                "POST", "/_search/scroll", {"scroll": "2m", "scroll_id": scroll}, timeout_s=60
            )
            scroll = answer["_scroll_id"]
    finally:
        cluster.request("DELETE", "/_search/scroll", {"scroll_id": [scroll]})


def _placed(field: str, value: Any) -> dict[str, Any]:
    for part in reversed(field.split(".")):
        value = {part: value}
    return dict(value)
