"""Into which journal index an entry goes that waited in a spool.

Into the one that it names, as long as that is the newest. Once the journal went on in another, the
older ones are closed: an entry that reached one of them before that is there for good, and every
other goes to the newest. So it is in the journal once, however often it was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bandit_service.journal.entries import Entry
from bandit_service.journal.names import generation_of, generations, index_name
from plugin.cluster import Cluster
from plugin.errors import MissingIndex


def addressed(cluster: Cluster, entries: Sequence[Entry]) -> list[Entry]:
    """Those of ``entries`` that are not in an older index yet, each naming the newest.

    Raises:
        MissingIndex: nothing was applied to the cluster yet. Writing to an index that is not there
            would make one, with guessed mappings.
        NodeUnavailable: OpenSearch does not answer.
    """
    there = generations(cluster)
    if not there or generation_of(min(one.index for one in entries)) > there[-1]:
        raise MissingIndex(
            f"the journal index {entries[0].index} is not there. `ltrr apply` makes it."
        )
    newest = index_name(cluster, there[-1])
    stale = [one for one in entries if one.index != newest]
    taken = _taken(cluster, stale, [index_name(cluster, one) for one in there[:-1]])
    return [
        one if one.index == newest else replace(one, index=newest)
        for one in entries
        if one.id not in taken
    ]


def _taken(cluster: Cluster, entries: Sequence[Entry], older: Sequence[str]) -> set[str]:
    """The ids of ``entries`` that one of the ``older`` indexes holds, read in real time."""
    wanted = [
        {"_index": index, "_id": entry.id, "_source": False}
        for entry in entries
        for index in older
        if index >= entry.index
    ]
    if not wanted:
        return set()
    answer = cluster.request(
        "POST",
        "/_mget",
        {"docs": wanted},
        params={"filter_path": "docs._id,docs.found,docs.error"},
    )
    for one in answer["docs"]:
        if "error" in one and one["error"]["type"] != "index_not_found_exception":
            raise MissingIndex(f"a journal index cannot be asked now: {one['error']['reason']}")
    return {one["_id"] for one in answer["docs"] if one.get("found")}
