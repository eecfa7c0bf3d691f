"""Ids → what ranking reads of them and what the page shows of them, in one request.

This is where ids meet the filters once more: a remembered reference, or an entity that has been
deleted since, does not get past it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import MissingIndex, Unavailable
from plugin.model import Clause

RANKED = 200
"""How many of the blend's best the ranker sees the fields of."""

_FILTER_PATH = ",".join(
    (
        "responses.status",
        "responses.error.type",
        "responses.error.reason",
        "responses.hits.hits._id",
        "responses.hits.hits._source",
        "responses.hits.hits.fields",
    )
)

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hydrated:
    """What is known of the ids that are there and pass the filters.

    ``present`` are those ids. ``ranking`` maps the first 200 of them to their doc values (always
    lists), ``sources`` those that are likely to be shown to their display fields.
    """

    present: frozenset[str] = frozenset()
    ranking: Mapping[str, Fields] = field(default_factory=dict)
    sources: Mapping[str, Fields] = field(default_factory=dict)


def hydrate(
    cluster: Cluster,
    schema: Schema,
    ids: Sequence[str],
    filters: Sequence[Clause],
    *,
    show: Sequence[str],
    timeout_s: float | None = None,
) -> Hydrated:
    """Read ranking fields of ``ids`` and display fields of ``show`` in one ``_msearch``.

    Raises:
        NodeUnavailable, MissingIndex: as :class:`plugin.cluster.Cluster` does.
        Unavailable: OpenSearch refused the request.
    """
    if not ids and not show:
        return Hydrated()
    top, rest = list(ids[:RANKED]), list(ids[RANKED:])
    bodies: list[dict[str, Any]] = []
    if top:
        values = [{"field": name} for name in schema.ranking]
        bodies.append(_body(top, filters) | {"docvalue_fields": values})
    if rest:
        bodies.append(_body(rest, filters))
    if show:
        bodies.append(_body(show, filters, displayed(schema)))
    items = _msearch(cluster, bodies, timeout_s)
    shown = items.pop() if show else []
    return Hydrated(
        present=frozenset(hit["_id"] for item in items for hit in item),
        ranking={hit["_id"]: hit.get("fields", {}) for hit in (items[0] if top else [])},
        sources={hit["_id"]: hit.get("_source", {}) for hit in shown},
    )


def displayed(schema: Schema) -> list[str]:
    """The source fields that a page needs: those to display, and the type of the entity."""
    return sorted({*schema.display, schema.type})


def _body(
    ids: Sequence[str], filters: Sequence[Clause], source: Sequence[str] | None = None
) -> dict[str, Any]:
    return {
        "size": len(ids),
        "query": {"bool": {"filter": [{"ids": {"values": list(ids)}}, *filters]}},
        "_source": False if source is None else list(source),
        "track_total_hits": False,
    }


def _msearch(
    cluster: Cluster, bodies: Sequence[Mapping[str, Any]], timeout_s: float | None
) -> list[list[dict[str, Any]]]:
    index = {"index": cluster.name("entities")}
    answer = cluster.lines(
        "POST",
        "/_msearch",
        [line for body in bodies for line in (index, body)],
        params={"filter_path": _FILTER_PATH},
        timeout_s=timeout_s,
    )
    found: list[list[dict[str, Any]]] = []
    for item in answer["responses"]:
        error = item.get("error")
        if error is not None:
            kind, reason = error.get("type"), error.get("reason")
            if kind == "index_not_found_exception":
                raise MissingIndex(
                    f"OpenSearch has no such index: {reason}. `ltrr apply` makes it."
                )
            raise Unavailable(f"OpenSearch cannot read the entities: {kind}: {reason}")
        found.append(item.get("hits", {}).get("hits", []))
    return found
