"""The names of the journal's indexes: ``<namespace>-journal-<generation, six digits>``."""

from __future__ import annotations

import re

from plugin.cluster import Cluster
from plugin.errors import InvalidRequest

FIRST = 1

_PATIENCE_S = 5.0
"""How long a node that hangs is waited for: these are small questions."""


def index_name(cluster: Cluster, generation: int) -> str:
    """The journal index of a generation: 1 → ``ltrr-journal-000001``."""
    return f"{cluster.name('journal')}-{generation:06d}"


def generation_of(index: str) -> int:
    """The generation that the name of a journal index ends with.

    Raises:
        InvalidRequest: it is not the name of a journal index.
    """
    found = re.search(r"-journal-(\d{6,})\Z", index)
    if found is None:
        raise InvalidRequest(f"{index!r} is not the name of a journal index")
    return int(found.group(1))


def generations(cluster: Cluster) -> list[int]:
    """The journal indexes that exist, oldest first. Raises NodeUnavailable."""
    pattern = f"{cluster.name('journal')}-*"
    found = (
        cluster.find(f"/{pattern}/_alias", expand_wildcards="all", request_timeout=_PATIENCE_S)
        or {}
    )
    return sorted(generation_of(name) for name in found)


def write_generation(cluster: Cluster) -> int:
    """The journal index that new queries write to: the newest; before anything was applied the
    first. Raises NodeUnavailable."""
    return max(generations(cluster), default=FIRST)
