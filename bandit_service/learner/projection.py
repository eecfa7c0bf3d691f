"""The memory index: what of the learner's memory everybody may see, as the strategies read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from bandit_service.learner.meanings import FIELD, Meanings
from bandit_service.learner.state import State
from bandit_service.learner.writing import about, send, version_of
from bandit_service.memory import Memory
from plugin.cluster import Cluster

_BATCH = 500


class Projection:
    """Writes the memory index. ``sessions``: how many distinct ones make evidence public.

    ``meanings`` gives the texts that are public their vectors; None for none.
    """

    def __init__(
        self, cluster: Cluster, *, sessions: int, meanings: Meanings | None = None
    ) -> None:
        self._cluster = cluster
        self._sessions = sessions
        self._meanings = meanings or Meanings(cluster, None)
        # The keys that the index may hold: only those need to be taken away again.
        self._published: set[str] = set()
        # What is still to be looked through after a restart, the next one last.
        self._left: list[str] = []

    def begin(self, state: State) -> None:
        """After a restart the index may be behind ``state``, or another's: :meth:`write_some`
        brings it up to date, beside learning."""
        self._left = list(state.memory.keys())
        self._published.update(self._left)

    def write_some(self, state: State) -> int:
        """Bring some of it up to date, what was used last first; returns how many keys are left.

        Raises as :meth:`write_changed`.
        """
        batch = self._left[-_BATCH:]
        self._write(state, batch)
        del self._left[-_BATCH:]
        return len(self._left)

    def write_all(self, state: State, instead_of: State | None = None) -> int:
        """Write whatever there is, ``instead_of`` another state where there was one.

        Raises as :meth:`write_changed`.
        """
        keys = list(state.memory.keys())
        if instead_of is not None:
            keys += sorted(set(instead_of.memory.keys()).difference(keys))
        self._published.update(keys)
        self._left = []
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
        keys = iter(keys)
        written = 0
        while batch := list(islice(keys, _BATCH)):
            written += send(self._cluster, "memory", self._lines(state, batch))
        return written

    def _lines(self, state: State, keys: Sequence[str]) -> list[Any]:
        version = version_of(state.position)
        documents: dict[str, dict[str, Any]] = {}
        lines: list[Any] = []
        for key in keys:
            document = public(state.memory, key, self._sessions)
            if document is None:
                # It stays marked: should this request fail, the next one must delete it still.
                if key in self._published:
                    lines.append({"delete": about(key, version)})
                continue
            self._published.add(key)
            documents[key] = document
        texts = {key: known["text"] for key, known in documents.items() if "text" in known}
        for key, vector in self._meanings.of(texts).items():
            documents[key] |= {FIELD: vector, "encoder": self._meanings.version}
        for key, document in documents.items():
            lines += [{"index": about(key, version)}, document]
        return lines


def public(memory: Memory, key: str, sessions: int) -> dict[str, Any] | None:
    """The document of one query, without its vector; None where nothing of it may be seen.

    ``sessions``: how many distinct ones make evidence public.
    """
    remembered = memory.remembered(key, sessions)
    if remembered is None:
        return None
    document: dict[str, Any] = {
        "memory_key": key,
        "references": [
            {"id": entity, "score": round(score, 6)} for entity, score in remembered.references
        ],
        "observed": remembered.observed,
        "rate": round(memory.rate, 6),
        "seen": [
            {"id": entity, "clicks": round(clicks, 4), "looks": round(looks, 4)}
            for entity, clicks, looks in remembered.seen
        ],
    }
    if remembered.text is not None:
        document["text"] = remembered.text
    return document
