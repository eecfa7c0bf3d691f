"""Entities that wait for their vector get it here, without any model server.

A write that came in since an entity was read wins: OpenSearch takes a repaired one only over the
very version that was read (optimistic concurrency by ``_seq_no`` and ``_primary_term``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ingest.bulk import BATCH, Failure
from ingest.enrichment.enrich import ENRICHMENT, Enricher, enrich
from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.scanning import REQUEST_S, scan

AGAIN = (403, 404, 409)
"""Changed or deleted meanwhile, or in an index that just gave way to another."""

ROUNDS = 3
"""How often what was changed meanwhile is looked at again."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """``found`` waited; ``repaired`` have their vector now, ``failed`` cannot be stored.

    ``changed`` were written by somebody else meanwhile, again and again: left as those wrote them.
    """

    found: int
    repaired: int
    changed: int
    failed: int


def repair(
    cluster: Cluster,
    alias: str,
    schema: Schema,
    encoder: Encoder,
    report: Callable[[Failure], None],
    advance: Callable[[Repaired], None] = lambda _: None,
    *,
    enricher: Enricher | None = None,
) -> Repaired:
    """Enrich every entity of ``alias`` that is pending, unmarked, or has words and no vector; and,
    where there is something to make them by now, those without sparse weights.

    Raises:
        MissingIndex: the index is not there.
        NodeUnavailable: OpenSearch does not answer; what is repaired stays so.
    """
    repaired = failed = changed = 0
    refused: set[str] = set()
    found: set[str] = set()
    for _ in range(ROUNDS):
        changed = 0
        cluster.request("POST", f"/{alias}/_refresh", timeout_s=REQUEST_S)
        for batch in _batches(cluster, alias, schema, enricher):
            waiting = [hit for hit in batch if hit["_id"] not in refused]
            found |= {hit["_id"] for hit in waiting}
            for hit, (status, reason) in zip(
                waiting, _store(cluster, waiting, schema, encoder, enricher), strict=True
            ):
                if status < 300:
                    repaired += 1
                elif status in AGAIN:
                    changed += 1
                else:
                    refused.add(hit["_id"])
                    failed += 1
                    report(Failure(f"{hit['_index']}/{hit['_id']}", hit["_id"], reason))
            advance(Repaired(len(found), repaired, changed, failed))
        if not changed:
            break
    cluster.request("POST", f"/{alias}/_refresh", timeout_s=REQUEST_S)
    return Repaired(len(found), repaired, changed, failed)


def _batches(
    cluster: Cluster, alias: str, schema: Schema, enricher: Enricher | None
) -> Iterator[tuple[dict[str, Any], ...]]:
    unfinished = ["pending"]
    if enricher is not None and enricher.sparse is not None:
        unfinished.append("partial")
    query = {
        "bool": {
            "should": [
                {"terms": {ENRICHMENT: unfinished}},
                {"bool": {"must_not": {"exists": {"field": ENRICHMENT}}}},
                {"bool": {"must_not": {"exists": {"field": schema.vector}}}},
            ]
        }
    }
    waiting = (
        hit
        for hit in scan(cluster, alias, query, page=BATCH)
        # A document without any words is done without a vector.
        if hit["_source"].get(ENRICHMENT) != "done" or schema.embedding_text(hit["_source"]).strip()
    )
    while batch := tuple(itertools.islice(waiting, BATCH)):
        yield batch


def _store(
    cluster: Cluster,
    hits: list[dict[str, Any]],
    schema: Schema,
    encoder: Encoder,
    enricher: Enricher | None,
) -> list[tuple[int, str]]:
    if not hits:
        return []
    lines: list[Any] = []
    enriched = enrich([hit["_source"] for hit in hits], schema, encoder, enricher, again=True)
    for hit, body in zip(hits, enriched, strict=True):
        about = {
            "_index": hit["_index"],
            "_id": hit["_id"],
            "if_seq_no": hit["_seq_no"],
            "if_primary_term": hit["_primary_term"],
        }
        lines += [{"index": about}, body]
    params = {"pipeline": "_none", "filter_path": "items.*.status,items.*.error"}
    answer = cluster.lines("POST", "/_bulk", lines, params=params, timeout_s=REQUEST_S)
    return [
        (item["index"]["status"], str(item["index"].get("error", {}).get("reason", "")))
        for item in answer["items"]
    ]
