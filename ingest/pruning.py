"""Deletes entities that a source does not hold any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from plugin.cluster import Cluster
from plugin.errors import IngestError
from plugin.scanning import REQUEST_S, scan

SANE_SHARE = 0.5
"""More than this share of an index goes only when the number is agreed to."""

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Surplus:
    """An entity that is in the index and not in the source, as it was when it was looked for."""

    id: str
    index: str
    seq_no: int
    primary_term: int


def surplus(cluster: Cluster, alias: str, held: Collection[str]) -> tuple[list[Surplus], int]:
    """The entities of ``alias`` whose ids are not ``held``, and how many entities there are."""
    cluster.request("POST", f"/{alias}/_refresh", timeout_s=REQUEST_S)
    found: list[Surplus] = []
    total = 0
    for hit in scan(cluster, alias, source=False, page=5_000):
        total += 1
        if hit["_id"] not in held:
            found.append(Surplus(hit["_id"], hit["_index"], hit["_seq_no"], hit["_primary_term"]))
    return found, total


def check_sane(found: int, total: int, agreed: int | None) -> None:
    """Refuse to delete a great part of an index that nobody has agreed to.

    Raises:
        IngestError: with the numbers, and how to agree.
    """
    if found > SANE_SHARE * total and found != agreed:
        raise IngestError(
            f"{found} of the {total} entities are not in what was loaded and would be deleted. Is "
            f"it the whole of the data? If so, say --deletions {found}. Nothing was deleted; what "
            "was loaded is stored."
        )


def delete(cluster: Cluster, alias: str, entities: list[Surplus]) -> int:
    """Delete them and return how many went; what was written again meanwhile stays."""
    deleted = 0
    for start in range(0, len(entities), _BATCH):
        lines = [
            {
                "delete": {
                    "_index": one.index,
                    "_id": one.id,
                    "if_seq_no": one.seq_no,
                    "if_primary_term": one.primary_term,
                }
            }
            for one in entities[start : start + _BATCH]
        ]
        params = {"filter_path": "items.*.status"}
        answer = cluster.lines("POST", "/_bulk", lines, params=params, timeout_s=REQUEST_S)
        deleted += sum(item["delete"]["status"] == 200 for item in answer["items"])
    cluster.request("POST", f"/{alias}/_refresh", timeout_s=REQUEST_S)
    return deleted
