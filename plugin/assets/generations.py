"""The generations of an index: ``…-000001``, ``…-000002``. One is current, others are left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugin.cluster import Cluster

_NAME = re.compile(r"(.*)-(\d{6})")


@dataclass(frozen=True, slots=True)
class Generations:
    """What of one index is in the cluster.

    ``stored`` is the body of ``current`` (None: it is not there yet), ``building`` what a
    replacement that never finished has left, ``old`` what earlier replacements kept, ``following``
    the name of the next generation.
    """

    current: str
    stored: Mapping[str, Any] | None
    building: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    following: str = ""


def base_of(name: str) -> str:
    """A name without its generation: ``ltrr-entities-000001`` → ``ltrr-entities``."""
    found = _NAME.fullmatch(name)
    return found[1] if found else name


def building_alias(name: str) -> str:
    """The alias that marks a generation as unfinished, and through which it is filled.

    Writes go to it with ``require_alias``: if it is deleted, nothing can make it anew by accident.
    """
    return f"{base_of(name)}-building"


def read_generations(cluster: Cluster, index: Mapping[str, Any]) -> Generations:
    """The generations of an index of the files.

    Current is the one that has the alias of the file; where none has it, the newest finished one.
    """
    name = str(index["index"])
    match = _NAME.fullmatch(name)
    pattern = f"{match[1]}-*" if match else name
    answer = cluster.find(f"/{pattern}", flat_settings="true", allow_no_indices="true") or {}
    there = {
        found: body
        for found, body in answer.items()
        if found == name or (match and _NAME.fullmatch(found) and base_of(found) == match[1])
    }
    following = f"{match[1]}-{int(max([name, *there])[-6:]) + 1:06d}" if match else ""
    mark = building_alias(name)
    building = {found for found, body in there.items() if mark in body.get("aliases", {})}
    finished = sorted(there.keys() - building)
    if not finished:
        return Generations(name, None, tuple(sorted(building)), (), following)
    # A filtered alias is a view over all generations: it does not say which is current.
    aliases = {name for name, about in index.get("aliases", {}).items() if "filter" not in about}
    holding = [one for one in finished if aliases & there[one].get("aliases", {}).keys()]
    current = (holding or finished)[-1]
    # Without an alias all generations are in use: a log that was rolled over.
    old = tuple(one for one in finished if one != current) if aliases else ()
    return Generations(current, there[current], tuple(sorted(building)), old, following)
