"""Where a query stands in the graph of what occurs together.

What its words name says it best. Only where they name nothing, it is where its session and its user
have been.
"""

from __future__ import annotations

from dataclasses import replace

from bandit_service.personal.entities import VectorReader
from bandit_service.personal.means import Vector, mean, plain
from bandit_service.personal.patience import Patience
from bandit_service.personal.sessions import SessionLookUp
from bandit_service.personal.users import UserLookUp
from plugin.model import Query

MOST_READINGS = 10
LIKELY = 0.1
"""Readings below this likelihood do not say where a query stands."""
USER = 0.5
"""The say of all that a user ever chose against what the session chose just now."""


class GraphLookUp:
    """Fills ``graph_vector``. Safe to share between threads."""

    def __init__(self, reader: VectorReader, sessions: SessionLookUp, users: UserLookUp) -> None:
        self._reader = reader
        self._sessions = sessions
        self._users = users
        self._patience = Patience("entities' vectors")

    def __call__(self, query: Query) -> Query:
        """``query`` with its ``graph_vector``, where there is one. Never raises."""
        place = self._named(query)
        if place is None:
            session = self._sessions.graph(query.session)
            place = mean([(1.0, session), (USER, self._users.user(query.user).graph)])
        return replace(query, graph_vector=plain(place))

    def _named(self, query: Query) -> Vector | None:
        weights: dict[str, float] = {}
        for slot in query.slots:
            if slot.entity is not None and slot.likelihood >= LIKELY:
                weights[slot.entity] = max(slot.likelihood, weights.get(slot.entity, 0.0))
        best = dict(sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_READINGS])
        if not best:
            return None
        vectors = self._patience.ask(lambda: self._reader.of(best)) or {}
        return mean((w, vectors[id].graph) for id, w in best.items() if id in vectors)
