"""Indexes with their aliases. What holds data is made and added to, never taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from plugin.assets.changes import Change, Step, diff_json
from plugin.assets.index_difference import compare, with_memory
from plugin.assets.mapping import walk_fields
from plugin.assets.wanted import Wanted
from plugin.cluster import Cluster

_GENERATION = re.compile(r"(.*)-\d{6}")


@dataclass(frozen=True, slots=True)
class IndexSteps:
    """What to do about the indexes, why some of it cannot be done, and what is worth knowing."""

    steps: tuple[Step, ...]
    refusals: tuple[str, ...]
    notes: tuple[str, ...]


def steps(cluster: Cluster, wanted: Wanted) -> IndexSteps:
    """What it takes to have the indexes of the files."""
    found: list[Step] = []
    refusals: list[str] = []
    notes: list[str] = []
    for index in wanted.indexes.values():
        _index(cluster, wanted.namespace, index, found, refusals, notes)
    return IndexSteps(tuple(found), tuple(refusals), tuple(notes))


def _index(
    cluster: Cluster,
    namespace: str,
    index: Mapping[str, Any],
    found: list[Step],
    refusals: list[str],
    notes: list[str],
) -> None:
    aliases = index.get("aliases", {})
    mappings = with_memory(index["mappings"], namespace)
    name, stored = _newest(cluster, str(index["index"]))
    taken = [alias for alias in aliases if _is_index(cluster, alias)]
    for alias in taken:
        refusals.append(
            f"{alias} is an index, but must be an alias: something wrote to it before `ltrr apply` "
            f"and OpenSearch made it. Delete it (DELETE /{alias}) and apply again."
        )
    if taken:
        return
    if stored is None:
        body = {"aliases": aliases, "settings": index["settings"], "mappings": mappings}
        diff = diff_json({}, {**body, "mappings": index["mappings"]})
        make = partial(cluster.request, "PUT", f"/{name}", body)
        found.append(Step(Change("index", "create", name, "not there yet", diff), make))
        return
    difference = compare(mappings, index["settings"], stored["mappings"], stored["settings"])
    for reason in difference.refused:
        refusals.append(
            f"{name}: {reason}. That is fixed when an index is made. Undo the change in the file, "
            f"or make the index anew (DELETE /{name} loses its documents; apply, and ingest again)."
        )
    notes.extend(f"{name}: {note}" for note in difference.notes)
    if difference.new_fields:
        notes.append(
            f"{name}: documents that are there already have no {', '.join(difference.new_fields)} "
            "until they are ingested again"
        )
    if difference.mapping:
        diff = _mapping_diff(mappings, stored["mappings"])
        why = _why(difference.new_fields)
        put = partial(cluster.request, "PUT", f"/{name}/_mapping", mappings)
        found.append(Step(Change("index", "update", name, why, diff), put))
    if difference.settings:
        changed = difference.settings
        before = {key: stored["settings"].get(key) for key in changed}
        why = f"settings {', '.join(sorted(changed))}"
        put = partial(cluster.request, "PUT", f"/{name}/_settings", changed)
        diff = diff_json(before, changed)
        found.append(Step(Change("index", "update", name, why, diff), put))
    missing = {
        alias: body for alias, body in aliases.items() if alias not in stored.get("aliases", {})
    }
    if missing:
        actions = [{"add": {"index": name, "alias": a, **body}} for a, body in missing.items()]
        add = partial(cluster.request, "POST", "/_aliases", {"actions": actions})
        why = f"has no alias {', '.join(missing)}"
        found.append(Step(Change("index", "update", name, why), add))


def _newest(cluster: Cluster, name: str) -> tuple[str, Any | None]:
    """The newest generation of an index (``…-000002`` after a rollover), None before the first."""
    match = _GENERATION.fullmatch(name)
    pattern = f"{match[1]}-*" if match else name
    answer = cluster.find(f"/{pattern}", flat_settings="true", allow_no_indices="true") or {}
    generations = [
        found
        for found in answer
        if found == name
        or (match and (other := _GENERATION.fullmatch(found)) and other[1] == match[1])
    ]
    if not generations:
        return name, None
    newest = max(generations)
    return newest, answer[newest]


def _is_index(cluster: Cluster, alias: str) -> bool:
    return alias in (cluster.find(f"/{alias}", flat_settings="true") or {})


def _why(new_fields: list[str]) -> str:
    return f"new fields {', '.join(new_fields)}" if new_fields else "its mapping differs"


def _mapping_diff(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields whose definitions differ, without what OpenSearch writes in its own way."""
    before, after = dict(walk_fields(stored)), dict(walk_fields(wanted))
    remembered = stored.get("_meta", {}).get("ltrr", {}).get("fields", {})
    prints = wanted["_meta"]["ltrr"]["fields"]
    names = [path for path in after if path not in before or remembered.get(path) != prints[path]]
    outer = [path for path in names if path.rpartition(".")[0] not in names]
    return diff_json(
        {path: before[path] for path in outer if path in before},
        {path: after[path] for path in outer},
    )
