"""Stored search templates, one for each strategy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from plugin.assets.changes import Change, Step, diff_text
from plugin.assets.wanted import Wanted, template_mark
from plugin.cluster import Cluster


def steps(cluster: Cluster, wanted: Wanted) -> Iterator[Step]:
    """What it takes to have exactly the templates of the files in our namespace."""
    stored = _stored(cluster)
    for name, source in wanted.templates.items():
        write = partial(_write, cluster, name, source)
        if name not in stored:
            diff = diff_text("", source)
            yield Step(Change("template", "create", name, "not there yet", diff), write)
        elif stored[name] != source:
            diff = diff_text(stored[name], source)
            yield Step(Change("template", "update", name, "its text differs", diff), write)
    mark = template_mark(wanted.namespace)
    for name, source in stored.items():
        if name not in wanted.templates and source.startswith(mark):
            change = Change("template", "delete", name, "no longer in the files")
            yield Step(change, partial(cluster.request, "DELETE", f"/_scripts/{name}"))


def owned(cluster: Cluster, wanted: Wanted) -> int:
    """How many stored templates are ours."""
    mark = template_mark(wanted.namespace)
    return sum(source.startswith(mark) for source in _stored(cluster).values())


def _stored(cluster: Cluster) -> dict[str, str]:
    found = cluster.get("/_cluster/state/metadata", filter_path="metadata.stored_scripts")
    scripts = (found or {}).get("metadata", {}).get("stored_scripts", {})
    return {name: script["source"] for name, script in scripts.items()}


def _write(cluster: Cluster, name: str, source: str) -> None:
    body = {"script": {"lang": "mustache", "source": source}}
    cluster.request("PUT", f"/_scripts/{name}", body)
