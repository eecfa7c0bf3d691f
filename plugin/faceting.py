"""Facets: how many entities have which value, over everything that a query matches.

Counted are the entities that pass the filters and either hold the words of the query (all of one
or two, three quarters of more) or were brought by a strategy, so that what is on the page is
always counted as well. Near-duplicates are counted one by one.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from plugin.assets.schema import Schema
from plugin.errors import InvalidRequest
from plugin.model import Clause

MOST_VALUES = 20
"""Values of a facet that are told, the commonest first."""

Facets = Mapping[str, Sequence[Mapping[str, Any]]]
"""Field → objects ``{"value", "count"}``."""


def wanted(schema: Schema, asked: bool | Sequence[str]) -> tuple[str, ...]:
    """The fields to count by: those that were asked for, or for True all that the schema names.

    Raises:
        InvalidRequest: a field that is no facet, naming near ones.
    """
    if isinstance(asked, bool):
        return schema.facets if asked else ()
    for field in asked:
        if field not in schema.facets:
            near = difflib.get_close_matches(field, schema.facets, n=3, cutoff=0.5)
            said = f"Did you mean {' or '.join(near)}?" if near else "There are: "
            known = "" if near else ", ".join(schema.facets) or "none"
            raise InvalidRequest(f"facets: {field[:60]!r} is no facet. {said}{known}")
    return tuple(dict.fromkeys(asked))


def facet_body(
    schema: Schema,
    facets: Sequence[str],
    text: str,
    filters: Sequence[Clause],
    ids: Sequence[str],
) -> dict[str, Any]:
    """A search that returns no hits but counts. ``text`` is "" for a query that says nothing."""
    query: dict[str, Any] = {"filter": list(filters)}
    if text:
        query |= {
            "should": [matching(schema, text), {"ids": {"values": list(ids)}}],
            "minimum_should_match": 1,
        }
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"bool": query},
        "aggs": {field: {"terms": {"field": field, "size": MOST_VALUES}} for field in facets},
    }


def matching(schema: Schema, text: str) -> Clause:
    """The clause that an entity fulfils by its words: in the joined field where there is one."""
    if schema.joined is not None:
        return {"match": {schema.joined: {"query": text, "minimum_should_match": "2<75%"}}}
    return {
        "multi_match": {
            "query": text,
            "fields": [schema.name, *schema.text],
            "type": "cross_fields",
            "minimum_should_match": "2<75%",
        }
    }


def counted(item: Mapping[str, Any], facets: Sequence[str]) -> Facets:
    """The counts out of OpenSearch's answer, for each facet that was asked for."""
    found = item.get("aggregations", {})
    return {
        field: [
            {"value": bucket.get("key_as_string", bucket["key"]), "count": bucket["doc_count"]}
            for bucket in found.get(field, {}).get("buckets", ())
        ]
        for field in facets
    }
