"""Writing projections: documents with absolute values, the learner's position as their version.

Writing one again changes nothing, and a learner that is behind cannot overwrite what a later one
wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandit_service.journal.reader import Position
from plugin.cluster import Cluster
from plugin.errors import Unavailable

_GENERATION = 2**44
"""Entries that one journal index can have at most, as far as versions are concerned."""


def version_of(position: Position) -> int:
    """The external version of documents written at ``position``; grows along the journal."""
    return position.generation * _GENERATION + position.seq_no + 1


def about(id: str, version: int) -> dict[str, Any]:
    """What a bulk line says of the document that it writes or deletes."""
    return {"_id": id, "version": version, "version_type": "external_gte"}


def send(cluster: Cluster, index: str, lines: Sequence[Mapping[str, Any]]) -> int:
    """Write bulk ``lines`` into the index of a logical name; returns how many were written.

    Raises:
        Unavailable: some could not be written.
    """
    if not lines:
        return 0
    answer = cluster.lines(
        "POST",
        f"/{cluster.name(index)}/_bulk",
        lines,
        # Seen by searches at once: people who watch it learn should not have to wait.
        params={
            "refresh": "true",
            "require_alias": "true",
            "filter_path": "items.*.status,items.*.error.reason",
        },
    )
    written = 0
    for item in answer["items"]:
        (result,) = item.values()
        # 409: a later learner was here. 404: nothing to delete.
        if result["status"] not in (200, 201, 404, 409):
            reason = result.get("error", {}).get("reason", "no reason given")
            raise Unavailable(
                f"OpenSearch refused a document of {index} ({result['status']}): {reason}. "
                "`ltrr plan` shows whether the index is as it should be."
            )
        written += result["status"] in (200, 201)
    return written
