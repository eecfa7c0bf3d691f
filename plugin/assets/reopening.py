"""Settings that an index takes while it is closed: how words are read, not how they are stored.

A synonym is looked up when a query is read, so its rules can change without storing anything anew;
so can an analyzer that no field stores its words by. OpenSearch takes such a change only while the
index is closed, which is a second or so in which its searches fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugin.assets.mapping import walk_fields
from plugin.cluster import Cluster

_ANALYSIS = "index.analysis."
_SIMILARITY = "index.similarity."
_PARTS = ("filter", "char_filter", "tokenizer")


def without_storing_anew(
    key: str, stored_mappings: Mapping[str, Any], stored_settings: Mapping[str, Any]
) -> bool:
    """Whether the setting ``key`` can change and what is stored stays right.

    Both are those of the index as it is, settings flat. How scores are computed from counts
    (a similarity) can always change; a part of an analysis if no field stores its words by it.
    """
    if key.startswith(_SIMILARITY):
        return True
    if not key.startswith(_ANALYSIS):
        return False
    kind, _, rest = key.removeprefix(_ANALYSIS).partition(".")
    return (kind, rest.partition(".")[0]) not in set(_storing(stored_mappings, stored_settings))


def _storing(mappings: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (kind, name) of everything by which the words of some field are stored."""
    yield "analyzer", "default"
    used: list[tuple[str, str]] = []
    for _, body in walk_fields(mappings):
        if "analyzer" in body:
            used.append(("analyzer", str(body["analyzer"])))
        if "normalizer" in body:
            used.append(("normalizer", str(body["normalizer"])))
    seen: set[tuple[str, str]] = set()
    while used:
        one = used.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        kind, name = one
        place = f"{_ANALYSIS}{kind}.{name}."
        for part in _PARTS:
            used += [(part, inner) for inner in _list(settings.get(f"{place}{part}"))]
        for chain in _list(settings.get(f"{place}filters")):
            used += [("filter", inner.strip()) for inner in chain.split(",")]


def _list(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [str(item) for item in items]


def change_while_closed(cluster: Cluster, name: str, settings: Mapping[str, Any]) -> None:
    """Close the index ``name``, change ``settings``, and open it again, whatever happens.

    Raises:
        ResponseError: the cluster refuses them (a rule that is none); nothing has changed then.
    """
    cluster.request("POST", f"/{name}/_close")
    try:
        cluster.request("PUT", f"/{name}/_settings", settings)
    finally:
        cluster.request("POST", f"/{name}/_open", params={"wait_for_active_shards": "1"})
