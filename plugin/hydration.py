"""Ids → what ranking reads of them and what the page shows of them, in one request.

This is where ids meet the filters once more: a remembered reference, or an entity that has been
deleted since, does not get past it. What a page wants besides (facets, highlights, which boosts
apply) travels in the same request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import MissingIndex, Unavailable
from plugin.faceting import Facets, counted, facet_body
from plugin.highlighting import Highlight, highlight_body
from plugin.model import Clause

RANKED = 200
"""How many of the blend's best the ranker sees the fields of."""
_NEAR = "near:"

_FILTER_PATH = ",".join(
    (
        "responses.status",
        "responses.error.type",
        "responses.error.reason",
        "responses.hits.hits._id",
        "responses.hits.hits._score",
        "responses.hits.hits._source",
        "responses.hits.hits.fields",
        "responses.hits.hits.matched_queries",
        "responses.hits.hits.highlight",
        "responses.aggregations",
    )
)

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Extras:
    """What a page wants besides.

    ``values``: further fields whose doc values are read of all ids. ``named``: name → clauses; it
    is told which of the first 200 ids match which. ``vectors``: name → a query's vector; the first
    200 ids are compared with each. ``facets`` are fields to count by, over what
    ``text`` matches and what was ``brought`` by strategies (ids); over everything where ``text`` is
    "". ``highlight``: what to mark in what is shown. ``texts``: ids whose whole text is read.
    """

    values: tuple[str, ...] = ()
    named: Mapping[str, Sequence[Clause]] = field(default_factory=dict)
    vectors: Mapping[str, Sequence[float]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    text: str = ""
    brought: Sequence[str] = ()
    highlight: Highlight | None = None
    texts: Sequence[str] = ()


NOTHING = Extras()


@dataclass(frozen=True, slots=True)
class Hydrated:
    """What is known of the ids that are there and pass the filters.

    ``present`` are those ids. ``ranking`` maps the first 200 of them to their doc values (always
    lists; when they were published as milliseconds since 1970, a number), ``values`` all of them
    to at least the extra ones; ``sources`` those that are likely to be shown to their display
    fields, ``highlights`` to field → fragments. ``matched`` maps ids to
    the names of the extra clauses that they match, ``texts`` to what the encoder reads of them.
    ``cosines``: name of a query vector → id → cosine, of the first 200 ids that have a vector.
    """

    present: frozenset[str] = frozenset()
    ranking: Mapping[str, Fields] = field(default_factory=dict)
    values: Mapping[str, Fields] = field(default_factory=dict)
    sources: Mapping[str, Fields] = field(default_factory=dict)
    highlights: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    matched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cosines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    facets: Facets = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def hydrate(
    cluster: Cluster,
    schema: Schema,
    ids: Sequence[str],
    filters: Sequence[Clause],
    *,
    show: Sequence[str],
    extras: Extras = NOTHING,
    timeout_s: float | None = None,
) -> Hydrated:
    """Read ranking fields of ``ids`` and display fields of ``show`` in one ``_msearch``.

    Raises:
        NodeUnavailable, MissingIndex: as :class:`plugin.cluster.Cluster` does.
        Unavailable: OpenSearch refused the request.
    """
    bodies: dict[str, dict[str, Any]] = {}
    top, rest = list(ids[:RANKED]), list(ids[RANKED:])
    if top:
        bodies["top"] = _body(top, filters, extras.named) | _doc_values(
            schema, (*schema.ranking, *schema.compared, *extras.values)
        )
        for name, vector in extras.vectors.items():
            bodies[_NEAR + name] = _nearness(top, filters, schema.vector, vector)
    if rest:
        bodies["rest"] = _body(rest, filters) | _doc_values(schema, extras.values)
    if show:
        bodies["show"] = _body(show, filters) | {"_source": displayed(schema)}
        if extras.highlight is not None and extras.highlight.fields:
            bodies["show"]["highlight"] = highlight_body(extras.highlight)
    if extras.texts:
        bodies["texts"] = _body(extras.texts, filters) | {"_source": list(schema.text)}
    if extras.facets:
        bodies["facets"] = facet_body(schema, extras.facets, extras.text, filters, extras.brought)
    if not bodies:
        return Hydrated()
    items = dict(zip(bodies, _msearch(cluster, list(bodies.values()), timeout_s), strict=True))
    found = {name: item.get("hits", {}).get("hits", []) for name, item in items.items()}
    first, others, shown, read = (found.get(name, []) for name in ("top", "rest", "show", "texts"))
    ranking = {hit["_id"]: _read(schema, hit) for hit in first}
    return Hydrated(
        present=frozenset(hit["_id"] for hit in (*first, *others)),
        ranking=ranking,
        values=ranking | {hit["_id"]: _read(schema, hit) for hit in others},
        sources={hit["_id"]: hit.get("_source", {}) for hit in shown},
        highlights={hit["_id"]: hit["highlight"] for hit in shown if "highlight" in hit},
        cosines={
            name.removeprefix(_NEAR): {hit["_id"]: 2 * hit["_score"] - 1 for hit in hits}
            for name, hits in found.items()
            if name.startswith(_NEAR)
        },
        matched={hit["_id"]: hit["matched_queries"] for hit in first if "matched_queries" in hit},
        facets=counted(items.get("facets", {}), extras.facets),
        texts={hit["_id"]: schema.embedding_text(hit["_source"]) for hit in read},
    )


def displayed(schema: Schema) -> list[str]:
    """The source fields that a page needs: those to display, and the type of the entity."""
    return sorted({*schema.display, schema.type})


def _body(
    ids: Sequence[str],
    filters: Sequence[Clause],
    named: Mapping[str, Sequence[Clause]] | None = None,
) -> dict[str, Any]:
    query: dict[str, Any] = {"filter": [{"ids": {"values": list(ids)}}, *filters]}
    if named:
        query["should"] = [
            {"bool": {"filter": list(clauses), "_name": name}} for name, clauses in named.items()
        ]
        query["minimum_should_match"] = 0
    return {
        "size": len(ids),
        "query": {"bool": query},
        "_source": False,
        "track_total_hits": False,
    }


def _nearness(
    ids: Sequence[str], filters: Sequence[Clause], field: str, vector: Sequence[float]
) -> dict[str, Any]:
    """Scores half of 1 + cosine, exactly: no graph is asked."""
    body = _body(ids, (*filters, {"exists": {"field": field}}))
    parameters = {"field": field, "query_value": list(vector), "space_type": "cosinesimil"}
    script = {"lang": "knn", "source": "knn_score", "params": parameters}
    return body | {"query": {"script_score": {"query": body["query"], "script": script}}}


def _doc_values(schema: Schema, fields: Sequence[str]) -> dict[str, Any]:
    return {
        "docvalue_fields": [
            {"field": name, "format": "epoch_millis"}
            if name == schema.published
            else {"field": name}
            for name in dict.fromkeys(fields)
        ]
    }


def _read(schema: Schema, hit: Mapping[str, Any]) -> Fields:
    """The doc values of a hit. OpenSearch gives dates as text, also those it counts."""
    fields: Fields = hit.get("fields", {})
    if schema.published is None or schema.published not in fields:
        return fields
    # Of date_nanos it gives fractions of milliseconds.
    dates = [int(float(date)) for date in fields[schema.published]]
    return {**fields, schema.published: dates}


def _msearch(
    cluster: Cluster, bodies: Sequence[Mapping[str, Any]], timeout_s: float | None
) -> list[Mapping[str, Any]]:
    index = {"index": cluster.name("entities")}
    answer = cluster.lines(
        "POST",
        "/_msearch",
        [line for body in bodies for line in (index, body)],
        params={"filter_path": _FILTER_PATH},
        timeout_s=timeout_s,
    )
    items: list[Mapping[str, Any]] = answer["responses"]
    for item in items:
        error = item.get("error")
        if error is not None:
            kind, reason = error.get("type"), error.get("reason")
            if kind == "index_not_found_exception":
                raise MissingIndex(
                    f"OpenSearch has no such index: {reason}. `ltrr apply` makes it."
                )
            raise Unavailable(f"OpenSearch cannot read the entities: {kind}: {reason}")
    return items
