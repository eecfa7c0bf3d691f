"""The memory index: what of the learner's memory everybody may see, as the strategies read it.

Documents hold absolute values, and the learner's position is their external version: writing one
again changes nothing, and a learner that is behind cannot overwrite what a later one wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bandit_service.journal.reader import Position
from bandit_service.learner.state import State
from plugin.cluster import Cluster
from plugin.errors import Unavailable

_BATCH = 500
_GENERATION = 2**44
"""Entries that one journal index can have at most, as far as versions are concerned."""


class Projection:
    """Writes the memory index. ``sessions``: how many distinct ones make evidence public."""

    def __init__(self, cluster: Cluster, *, sessions: int) -> None:
        self._cluster = cluster
        self._sessions = sessions
        # The keys that the index may hold: only those need to be taken away again.
        self._published: set[str] = set()

    def write_all(self, state: State) -> int:
        """After a restart: write whatever there is. Raises as :meth:`write_changed`."""
        keys = list(state.memory.keys())
        self._published.update(keys)
        written = self._write(state, keys)
        state.memory.changed.clear()
        return written

    def write_changed(self, state: State) -> int:
        """Write the keys whose evidence moved; returns how many documents were written.

        Raises:
            Unavailable: some could not be written; they stay marked as changed.
        """
        written = self._write(state, sorted(state.memory.changed))
        state.memory.changed.clear()
        return written

    def _write(self, state: State, keys: Iterable[str]) -> int:
        version = version_of(state.position)
        lines: list[Any] = []
        written = 0
        for key in keys:
            lines += self._lines(state, key, version)
            if len(lines) >= 2 * _BATCH:
                written += self._send(lines)
                lines = []
        return written + self._send(lines)

    def _lines(self, state: State, key: str, version: int) -> list[Any]:
        about = {"_id": key, "version": version, "version_type": "external_gte"}
        remembered = state.memory.remembered(key, self._sessions)
        if remembered is None:
            if key not in self._published:
                return []
            # It stays marked: should this request fail, the next one must delete it still.
            return [{"delete": about}]
        self._published.add(key)
        document: dict[str, Any] = {
            "memory_key": key,
            "references": [
                {"id": entity, "score": round(score, 6)} for entity, score in remembered.references
            ],
            "observed": remembered.observed,
        }
        if remembered.text is not None:
            document["text"] = remembered.text
        return [{"index": about}, document]

    def _send(self, lines: list[Any]) -> int:
        if not lines:
            return 0
        answer = self._cluster.lines(
            "POST",
            f"/{self._cluster.name('memory')}/_bulk",
            lines,
            # Seen by searches at once: people who watch it learn should not have to wait.
            params={"refresh": "true", "require_alias": "true", "filter_path": "items.*.status"},
        )
        written = 0
        for item in answer["items"]:
            (result,) = item.values()
            # 409: a later learner was here. 404: nothing to delete.
            if result["status"] not in (200, 201, 404, 409):
                raise Unavailable(
                    f"OpenSearch refused a memory document with status {result['status']}"
                )
            written += result["status"] in (200, 201)
        return written


def version_of(position: Position) -> int:
    """The external version of documents written at ``position``; grows along the journal."""
    return position.generation * _GENERATION + position.seq_no + 1
