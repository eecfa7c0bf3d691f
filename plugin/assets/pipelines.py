"""Ingest and search pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from plugin.assets.changes import Change, Kind, Step, diff_json
from plugin.assets.connectors import Models
from plugin.assets.files import PIPELINE_KINDS
from plugin.assets.values import resolve
from plugin.assets.wanted import Wanted, mark
from plugin.cluster import Cluster

_KINDS: Mapping[str, Kind] = {
    "_ingest/pipeline": "ingest pipeline",
    "_search/pipeline": "search pipeline",
}


def steps(cluster: Cluster, wanted: Wanted, models: Models) -> Iterator[Step]:
    """What it takes to have exactly the pipelines of the files in our namespace."""
    for place in PIPELINE_KINDS.values():
        stored = _stored(cluster, place, wanted.namespace)
        for (where, name), body in wanted.pipelines.items():
            if where != place:
                continue
            known = models.resolved(body)
            if stored.get(name) == known:
                continue
            action, why = "update", "its content differs"
            if name not in stored:
                action, why = "create", "not there yet"
            diff = diff_json(stored.get(name, {}), known)
            yield Step(
                Change(
                    _KINDS[place], "create" if action == "create" else "update", name, why, diff
                ),
                partial(_write, cluster, f"/{place}/{name}", body, models),
            )
        names = {name for where, name in wanted.pipelines if where == place} | wanted.kept
        for name, body in stored.items():
            if name not in names and _is_ours(body, wanted.namespace):
                change = Change(_KINDS[place], "delete", name, "no longer in the files")
                yield Step(change, partial(cluster.request, "DELETE", f"/{place}/{name}"))


def owned(cluster: Cluster, wanted: Wanted) -> int:
    """How many pipelines in the cluster are ours."""
    return sum(
        _is_ours(body, wanted.namespace)
        for place in PIPELINE_KINDS.values()
        for body in _stored(cluster, place, wanted.namespace).values()
    )


def _stored(cluster: Cluster, place: str, namespace: str) -> dict[str, Any]:
    return dict(cluster.find(f"/{place}/{namespace}-*") or {})


def _is_ours(body: Mapping[str, Any], namespace: str) -> bool:
    return str(body.get("description", "")).endswith(mark(namespace))


def _write(cluster: Cluster, path: str, body: Mapping[str, Any], models: Models) -> None:
    # Read again: the models may have been made a moment ago.
    ids = models.read_again(cluster)
    cluster.request("PUT", path, resolve(body, ids.id_of))
