"""Puts a new generation of an index in the place of the current one.

The alias points to a complete index at any time. Interrupted anywhere, the current index stays in
use; what was begun is known by its building alias, and is cleaned away by the next apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.assets.copying import Copy, Tell, cancel_copies
from plugin.assets.generations import Generations, building_alias
from plugin.cluster import Cluster

_BLOCK = "index.blocks.write"
WAIT_S = 120.0


def replace_index(
    cluster: Cluster,
    found: Generations,
    index: Mapping[str, Any],
    mappings: Mapping[str, Any],
    script: str | None,
    tell: Tell,
) -> None:
    """Make the next generation as the file says, fill it, and move the aliases to it.

    The old one stays, without aliases and closed for writes. ``script`` changes documents on their
    way.

    Raises:
        AssetError: documents do not fit; everything is as it was.
    """
    old, new, mark = found.current, found.following, building_alias(found.current)
    clean_up(cluster, found)
    settings = {**index["settings"], "index.refresh_interval": "-1"}
    body = {"aliases": {mark: {}}, "settings": settings, "mappings": mappings}
    try:
        cluster.request("PUT", f"/{new}", body, timeout_s=WAIT_S)
        copy = Copy(cluster, old, new, mark, script, tell)
        position = copy.catch_up()
        cluster.request("PUT", f"/{old}/_block/write", timeout_s=WAIT_S)
        copy.finish(position)
        interval = index["settings"].get("index.refresh_interval")
        _set(cluster, new, {"index.refresh_interval": interval})
        cluster.request("POST", "/_aliases", {"actions": _moves(found, index, mark)})
    except BaseException:
        if cluster.find(f"/_alias/{mark}") is not None:
            clean_up(cluster, found, also=new)
        raise


def clean_up(cluster: Cluster, found: Generations, also: str = "") -> None:
    """Take away what an unfinished replacement left, and let the current index take writes."""
    leftovers = {*found.building, *([also] if also else [])}
    if not leftovers:
        return
    # First the block: as long as there is something left over, the next apply knows of it.
    unblock(cluster, found.current)
    cancel_copies(cluster, building_alias(found.current))
    for name in sorted(leftovers):
        if cluster.find(f"/{name}", filter_path="*.aliases") is not None:
            cluster.request("DELETE", f"/{name}")


def is_blocked(stored: Mapping[str, Any]) -> bool:
    """Whether an index takes no writes."""
    return bool(stored.get("settings", {}).get(_BLOCK) == "true")


def unblock(cluster: Cluster, name: str) -> None:
    """Let an index take writes."""
    _set(cluster, name, {_BLOCK: None})


def _set(cluster: Cluster, name: str, settings: Mapping[str, Any]) -> None:
    cluster.request("PUT", f"/{name}/_settings", settings, timeout_s=WAIT_S)


def _moves(found: Generations, index: Mapping[str, Any], mark: str) -> list[Mapping[str, Any]]:
    """One atomic change: every alias of the old index, somebody's own included, to the new one."""
    held = (found.stored or {}).get("aliases", {})
    aliases = {**held, **index["aliases"]}
    moves: list[Mapping[str, Any]] = [
        {"remove": {"index": found.current, "alias": alias}} for alias in held
    ]
    moves += [
        {"add": {"index": found.following, "alias": alias, **body}}
        for alias, body in aliases.items()
    ]
    return [*moves, {"remove": {"index": found.following, "alias": mark}}]
