"""The users index, and what is trending: what sidecars read of who asks.

A user's document holds what they chose, and the directions that this gives them among the entities'
vectors. It is written soon, not at once: only for users whose record moved, and only while the
learner is not behind, so that a replay brings nobody back who was forgotten since.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from bandit_service.learner.state import State
from bandit_service.learner.users import Tastes
from bandit_service.learner.writing import about, send, version_of
from bandit_service.personal.entities import VectorReader
from bandit_service.personal.means import mean, plain
from bandit_service.personal.trending import DOCUMENT, MOST
from plugin.cluster import Cluster, ResponseError

log = logging.getLogger(__name__)

_BATCH = 200
_PAGE = 5_000


class People:
    """Writes users and trends. Not safe for threads: one learner uses it.

    ``reader`` knows the entities' vectors. ``sessions``: how many distinct ones must choose an
    entity before it is shown to be trending. ``pause_s``: how long changes are collected.
    """

    def __init__(
        self,
        cluster: Cluster,
        reader: VectorReader,
        *,
        sessions: int,
        pause_s: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._reader = reader
        self._sessions = sessions
        self._pause_s = pause_s
        self._clock = clock
        self._written_at = float("-inf")
        self._there = False
        self._trending: list[dict[str, Any]] | None = None

    def begin(self, state: State) -> None:
        """After a restart: find out where the index differs from ``state``, and mark that.

        Raises what :class:`plugin.cluster.Cluster` does.
        """
        self._written_at = float("-inf")
        self._trending = None
        self._there = self._cluster.find(f"/_alias/{self._cluster.name('users')}") is not None
        if not self._there:
            log.warning("there is no index of users: `ltrr apply` makes it. Nobody is remembered.")
            return
        written = dict(self._documents())
        for user in state.users:
            tastes = state.users.of(user)
            if tastes is not None and written.pop(user, None) != tastes.updated:
                state.users.changed[user] = None
        # What is left was forgotten, and its deletion lost.
        state.users.changed.update(dict.fromkeys(written))

    def write(self, state: State, *, now: bool = False) -> int:
        """Write some of what has changed, if it is time; returns how many documents were written.

        ``now``: it is time, and all of it.

        Raises:
            Unavailable: some could not be written; they stay marked as changed.
        """
        if not now and self._clock() - self._written_at < self._pause_s:
            return 0
        self._written_at = self._clock()
        written = self._write_trending(state)
        while self._there and state.users.changed:
            users = list(islice(state.users.changed, _BATCH))
            written += send(self._cluster, "users", self._lines(state, users))
            for user in users:
                del state.users.changed[user]
            if not now:
                # One batch a turn: the learner must keep its lease, and go on learning.
                break
        return written

    def _lines(self, state: State, users: list[str]) -> list[Any]:
        version = version_of(state.position)
        known = {user: tastes for user in users if (tastes := state.users.of(user)) is not None}
        chosen = dict.fromkeys(entity for one in known.values() for entity in one.weights)
        vectors = self._reader.of(chosen)
        lines: list[Any] = []
        for user in users:
            tastes = known.get(user)
            if tastes is None:
                lines.append({"delete": about(user, version)})
                continue
            weights = [(w, vectors[id]) for id, w in tastes.weights.items() if id in vectors]
            document = _document(user, tastes)
            for field, vector in (
                ("vector", mean((w, one.meaning) for w, one in weights)),
                ("graph_vector", mean((w, one.graph) for w, one in weights)),
            ):
                if vector is not None:
                    document[field] = plain(vector)
            lines += [{"index": about(user, version)}, document]
        return lines

    def _write_trending(self, state: State) -> int:
        current = state.trends.current(state.now, self._sessions, MOST)
        entities = [{"id": entity, "score": round(score, 4)} for entity, score in current]
        if entities == self._trending:
            return 0
        body = {
            "kind": DOCUMENT,
            "version": state.version,
            "updated_at": state.now,
            "body": {"entities": entities},
        }
        try:
            self._cluster.request(
                "PUT",
                f"/{self._cluster.name('state')}/_doc/{DOCUMENT}",
                body,
                params={
                    "version": version_of(state.position),
                    "version_type": "external_gte",
                },
            )
        except ResponseError as error:
            if error.response_status != 409:  # a later learner was here
                raise
        self._trending = entities
        return 1

    def _documents(self) -> Iterator[tuple[str, int]]:
        """Every user that the index holds, with the time of their record."""
        after: list[Any] | None = None
        path = f"/{self._cluster.name('users')}"
        self._cluster.request("POST", f"{path}/_refresh")
        while True:
            answer = self._cluster.request(
                "POST",
                f"{path}/_search",
                {
                    "size": _PAGE,
                    "sort": [{"user": "asc"}],
                    "_source": False,
                    "docvalue_fields": ["updated"],
                    "track_total_hits": False,
                    **({"search_after": after} if after else {}),
                },
                params={"filter_path": "hits.hits._id,hits.hits.sort,hits.hits.fields"},
            )
            hits = answer.get("hits", {}).get("hits", [])
            for hit in hits:
                yield hit["_id"], int((hit.get("fields", {}).get("updated") or [-1])[0])
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]


def _document(user: str, tastes: Tastes) -> dict[str, Any]:
    return {
        "user": user,
        "updated": tastes.updated,
        "references": [
            {"id": entity, "weight": round(weight, 6)} for entity, weight in tastes.weights.items()
        ],
    }
