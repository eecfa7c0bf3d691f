"""The entities of an index, as the vocabulary needs them. Only this file here asks OpenSearch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugin.assets.mapping import field_types
from plugin.cluster import Cluster
from plugin.errors import MissingIndex

INDEX = "entities"

_PAGE = 2000
_KEEP_ALIVE = "2m"


def stamp(cluster: Cluster) -> str:
    """Changes with every write to the entities, and with the indexes behind their alias.

    Raises:
        MissingIndex: there are no entities.
        NodeUnavailable: OpenSearch is not there.
    """
    answer = cluster.get(
        f"/{cluster.name(INDEX)}/_stats/docs",
        level="shards",
        filter_path="indices.*.uuid,indices.*.shards.*.routing.primary,"
        "indices.*.shards.*.seq_no.max_seq_no",
    )
    said: list[str] = []
    for index, stats in sorted((answer or {}).get("indices", {}).items()):
        written = {
            shard: max(copy.get("seq_no", {}).get("max_seq_no", -1) for copy in copies)
            for shard, copies in stats.get("shards", {}).items()
        }
        said.append(f"{index} {stats.get('uuid')} {sorted(written.items())}")
    if not said:
        raise MissingIndex("there are no entities. `ltrr apply` makes their index.")
    return "; ".join(said)


def types_of(cluster: Cluster) -> dict[str, str]:
    """The fields of the entities with their types. Raises as :func:`stamp`."""
    types: dict[str, str] = {}
    for index in cluster.get(f"/{cluster.name(INDEX)}/_mapping").values():
        types |= field_types(index.get("mappings", {}))
    return types


def entities(cluster: Cluster, fields: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every entity as (id, those fields of its source), as of now. Raises as :func:`stamp`.

    What was written before the call is seen: the index is refreshed first.
    """
    index = cluster.name(INDEX)
    cluster.request("POST", f"/{index}/_refresh")
    opened = cluster.request(
        "POST", f"/{index}/_search/point_in_time", params={"keep_alive": _KEEP_ALIVE}
    )
    pit = opened["pit_id"]
    try:
        after: list[Any] | None = None
        while True:
            body: dict[str, Any] = {
                "size": _PAGE,
                "query": {"match_all": {}},
                "_source": list(fields),
                "pit": {"id": pit, "keep_alive": _KEEP_ALIVE},
                "sort": [{"_shard_doc": "asc"}],
                "track_total_hits": False,
            }
            if after is not None:
                body["search_after"] = after
            hits = cluster.request("POST", "/_search", body)["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                yield hit["_id"], hit.get("_source") or {}
            after = hits[-1]["sort"]
    finally:
        cluster.request("DELETE", "/_search/point_in_time", {"pit_id": [pit]})
