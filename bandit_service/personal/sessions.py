"""The vectors of a session: what it chose, the latest most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bandit_service.personal.entities import EntityVectors, VectorReader
from bandit_service.personal.means import Vector, mean, plain
from bandit_service.personal.patience import Patience
from bandit_service.session_evidence import SessionEvidence
from plugin.model import Query


class SessionLookUp:
    """Sessions by their keyed hash. Safe to share between threads."""

    def __init__(self, evidence: SessionEvidence, reader: VectorReader) -> None:
        self._evidence = evidence
        self._reader = reader
        self._patience = Patience("entities' vectors")

    def __call__(self, query: Query) -> Query:
        """``query`` with its ``session_vector`` and ``session_types``. Never raises."""
        weights, vectors = self._chosen(query.session)
        wanted = mean((w, vectors[id].meaning) for id, w in weights.items() if id in vectors)
        types = self._evidence.types(query.session) if query.session is not None else {}
        return replace(query, session_vector=plain(wanted), session_types=types)

    def graph(self, session: str | None) -> Vector | None:
        """Where the session stands in the graph, if that is known. Never raises."""
        weights, vectors = self._chosen(session)
        return mean((w, vectors[id].graph) for id, w in weights.items() if id in vectors)

    def _chosen(
        self, session: str | None
    ) -> tuple[Mapping[str, float], Mapping[str, EntityVectors]]:
        weights = self._evidence.latest(session) if session is not None else {}
        if not weights:
            return {}, {}
        return weights, self._patience.ask(lambda: self._reader.of(weights)) or {}
