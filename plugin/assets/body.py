"""Which fields a search body names, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.assets.vocabulary import (
    DECAYS,
    HOLDS_QUERIES,
    QUERIES,
    QUERIES_BY_FIELD,
    QUERY_SETTINGS,
)


@dataclass(frozen=True, slots=True)
class Named:
    """``query`` (or another part of the body) names ``field`` at ``place``."""

    field: str
    query: str
    place: str


def named_fields(body: Any, place: str = "", query: str = "") -> Iterator[Named]:
    """Every field that a search body names."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from named_fields(item, f"{place}[{index}]", query)
    if not isinstance(body, Mapping):
        return
    for key, value in body.items():
        here = f"{place}.{key}" if place else key
        if key in (QUERIES_BY_FIELD | DECAYS) and isinstance(value, Mapping):
            for field, inner in value.items():
                if field not in QUERY_SETTINGS:
                    yield Named(field, key, here)
                    yield from named_fields(inner, f"{here}.{field}", key)
        elif key in ("field", "default_field", "path") and isinstance(value, str):
            yield Named(value, query or place.rpartition(".")[2], here)
        elif key in ("fields", "docvalue_fields", "stored_fields") and isinstance(value, list):
            for item in value:
                name = item.get("field") if isinstance(item, Mapping) else item
                if isinstance(name, str) and "*" not in name:
                    yield Named(name.partition("^")[0], query or key, here)
        elif key == "sort":
            yield from _sorted_by(value, here)
        elif key == "_source":
            for name in value if isinstance(value, list) else ():
                yield Named(name, "_source", here)
        else:
            yield from named_fields(value, here, key if key in QUERIES else query)


def analyzers_named(body: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every (analyzer, place) that a search body asks for by name."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from analyzers_named(item, f"{place}[{index}]")
    if isinstance(body, Mapping):
        for key, value in body.items():
            here = f"{place}.{key}" if place else key
            if key == "analyzer" and isinstance(value, str):
                yield value, here
            yield from analyzers_named(value, here)


def _ends(place: str, key: str) -> bool:
    """Whether ``place`` is ``key``, or an item of the list there."""
    return place.rpartition(".")[2].partition("[")[0] == key


def _sorted_by(value: Any, place: str) -> Iterator[Named]:
    for item in value if isinstance(value, list) else [value]:
        for field in [item] if isinstance(item, str) else item:
            if field not in ("_score", "_doc", "_shard_doc"):
                yield Named(field, "sort", place)


def unknown_queries(body: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every (name, place) that stands where a query must and is none that OpenSearch has."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from unknown_queries(item, f"{place}[{index}]")
    if not isinstance(body, Mapping):
        return
    for key, value in body.items():
        here = f"{place}.{key}" if place else key
        # A rescorer's "query" holds settings, and the query itself under "rescore_query".
        settings = key == "query" and _ends(place, "rescore")
        if key in HOLDS_QUERIES and not settings:
            for clause in value if isinstance(value, list) else [value]:
                # {"query": "the words"} of a match is text, not a clause.
                if isinstance(clause, Mapping):
                    yield from ((name, here) for name in clause if name not in QUERIES)
        if key not in QUERIES_BY_FIELD or key == "knn":
            yield from unknown_queries(value, here)
