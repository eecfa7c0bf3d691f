"""Taking entries out of the journal for good: those of somebody who wants to be forgotten.

The one exception to "never rewritten". An erased document leaves a gap in the order, which readers
pass over; no other entry changes its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Literal

from bandit_service.journal.entries import Entry
from bandit_service.journal.names import generations, index_name
from plugin.cluster import Cluster
from plugin.errors import Unavailable

Who = Literal["user", "session"]
_PAGE = 1_000
_PATIENCE_S = 600.0


def first_place(cluster: Cluster, kind: Who, hashed: str) -> tuple[int, int] | None:
    """Generation and ``_seq_no`` of the first entry of a user or session; None for none.

    Raises what :meth:`plugin.cluster.Cluster.request` does, as all functions here.
    """
    for generation in generations(cluster):
        index = index_name(cluster, generation)
        cluster.request("POST", f"/{index}/_refresh")
        body = {"query": {"term": {kind: hashed}}, "sort": [{"_seq_no": "asc"}], "size": 1}
        hits = _hits(cluster, index, {**body, "seq_no_primary_term": True, "_source": False})
        if hits:
            return generation, int(hits[0]["_seq_no"])
    return None


def erase_of(cluster: Cluster, kind: Who, hashed: str, until_ms: int) -> int:
    """Erase what a user or session did until ``until_ms``, and all that hangs on their queries.

    Returns how many entries there were.
    """
    indexes = [index_name(cluster, generation) for generation in generations(cluster)]
    queries: dict[str, None] = {}
    for index in indexes:
        cluster.request("POST", f"/{index}/_refresh")
        queries.update(dict.fromkeys(_queries(cluster, index, kind, hashed, until_ms)))
    erased = 0
    for index in indexes:  # what belongs to a query may have arrived in a later one
        with _writable(cluster, index):
            rest = iter(queries)
            while batch := list(islice(rest, _PAGE)):
                erased += _delete(cluster, index, {"terms": {"query_id": batch}}, until_ms)
            erased += _delete(cluster, index, {"term": {kind: hashed}}, until_ms)
    return erased


def erase_entries(cluster: Cluster, entries: Iterable[Entry]) -> None:
    """Erase single entries; those that are gone already are gone."""
    by_index: dict[str, list[str]] = {}
    for entry in entries:
        by_index.setdefault(entry.index, []).append(entry.id)
    for index, ids in by_index.items():
        with _writable(cluster, index):
            answer = cluster.lines(
                "POST",
                f"/{index}/_bulk",
                [{"delete": {"_id": id}} for id in ids],
                params={"refresh": "true", "filter_path": "items.*.status,items.*.error.reason"},
            )
        for item in answer["items"]:
            if item["delete"]["status"] not in (200, 404):
                raise Unavailable(f"a journal entry could not be erased: {item['delete']}")


def _queries(cluster: Cluster, index: str, kind: Who, hashed: str, until_ms: int) -> Iterator[str]:
    """The ids of the queries that they asked."""
    asked = [{"term": {kind: hashed}}, {"terms": {"kind": ["decision", "page"]}}, _until(until_ms)]
    body: dict[str, Any] = {
        "size": _PAGE,
        "query": {"bool": {"filter": asked}},
        "sort": [{"_seq_no": "asc"}],
        "_source": ["query_id"],
    }
    while hits := _hits(cluster, index, body):
        yield from (str(hit["_source"]["query_id"]) for hit in hits)
        body["search_after"] = hits[-1]["sort"]


def _delete(cluster: Cluster, index: str, what: dict[str, Any], until_ms: int) -> int:
    answer = cluster.request(
        "POST",
        f"/{index}/_delete_by_query",
        {"query": {"bool": {"filter": [what, _until(until_ms)]}}},
        params={"refresh": "true", "conflicts": "proceed"},
        timeout_s=_PATIENCE_S,
    )
    if answer.get("failures"):
        raise Unavailable(f"journal entries could not be erased: {answer['failures'][:1]}")
    return int(answer.get("deleted", 0))


def _until(moment_ms: int) -> dict[str, Any]:
    return {"range": {"recorded_at": {"lte": moment_ms}}}


def _hits(cluster: Cluster, index: str, body: dict[str, Any]) -> Sequence[Any]:
    answer = cluster.request(
        "POST",
        f"/{index}/_search",
        {**body, "track_total_hits": False},
        params={"allow_partial_search_results": "false"},
    )
    hits: Sequence[Any] = answer["hits"]["hits"]
    return hits


@contextmanager
def _writable(cluster: Cluster, index: str) -> Iterator[None]:
    """An index that is closed for writes takes deletions meanwhile."""
    found = cluster.find(f"/{index}/_settings", flat_settings="true") or {}
    blocked = [
        name
        for name, about in found.items()
        if about["settings"].get("index.blocks.write") == "true"
    ]
    for name in blocked:
        _block(cluster, name, None)
    try:
        yield
    finally:
        for name in blocked:
            _block(cluster, name, True)


def _block(cluster: Cluster, index: str, blocked: bool | None) -> None:
    cluster.request("PUT", f"/{index}/_settings", {"index.blocks.write": blocked})
