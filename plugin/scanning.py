"""Every document of an index that a query finds, in no special order. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from plugin.cluster import Cluster
from plugin.errors import LtrrError

PAGE = 500
KEEP = "5m"
REQUEST_S = 120.0


def scan(
    cluster: Cluster,
    index: str,
    query: Mapping[str, Any] | None = None,
    *,
    source: bool | list[str] = True,
    page: int = PAGE,
) -> Iterator[dict[str, Any]]:
    """The hits as they are at the start, each with ``_seq_no`` and ``_primary_term``.

    Raises:
        MissingIndex: there is no such index.
        Unavailable: OpenSearch does not answer, or not for all of the index.
    """
    body = {
        "size": page,
        "query": query or {"match_all": {}},
        "sort": ["_doc"],
        "_source": source,
        "seq_no_primary_term": True,
    }
    params = {"scroll": KEEP, "allow_partial_search_results": "false"}
    answer = cluster.request("POST", f"/{index}/_search", body, params=params, timeout_s=REQUEST_S)
    try:
        while answer["hits"]["hits"]:
            yield from answer["hits"]["hits"]
            more = {"scroll": KEEP, "scroll_id": answer["_scroll_id"]}
            answer = cluster.request("POST", "/_search/scroll", more, timeout_s=REQUEST_S)
    finally:
        with suppress(LtrrError):  # it ends by itself, too
            cluster.request("DELETE", "/_search/scroll", {"scroll_id": answer["_scroll_id"]})
