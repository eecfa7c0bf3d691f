"""The vectors of a user, as the learner wrote them into the users index."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from cachetools import TTLCache

from bandit_service.personal.means import Vector, plain
from bandit_service.personal.patience import Patience
from plugin.cluster import Cluster
from plugin.model import Query

KEPT: Final = 10_000
KEPT_S: Final = 10.0
"""How long a user who was forgotten may still be remembered here."""


@dataclass(frozen=True, slots=True)
class User:
    """What is known of a user; nothing of somebody new."""

    meaning: Vector | None = None
    graph: Vector | None = None


NOBODY = User()


class UserLookUp:
    """Users by their keyed hash. Safe to share between threads."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        timeout_s: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._timeout_s = timeout_s
        self._known: TTLCache[str, User] = TTLCache(KEPT, KEPT_S, clock)
        self._patience = Patience("users", clock=clock)
        self._lock = threading.Lock()

    def __call__(self, query: Query) -> Query:
        """``query`` with its ``user_vector``, where there is one. Never raises."""
        return replace(query, user_vector=plain(self.user(query.user).meaning))

    def user(self, user: str | None) -> User:
        """Who that is; nobody where unknown, or where it cannot be read now."""
        if user is None:
            return NOBODY
        with self._lock:
            known = self._known.get(user)
        if known is not None:
            return known
        found = self._patience.ask(lambda: self._read(user))
        if found is None:
            return NOBODY
        with self._lock:
            self._known[user] = found
        return found

    def _read(self, user: str) -> User:
        found = self._cluster.find(
            f"/{self._cluster.name('users')}/_doc/{user}",
            _source_includes="vector,graph_vector",
            request_timeout=self._timeout_s,
        )
        source = (found or {}).get("_source", {})
        return User(_array(source.get("vector")), _array(source.get("graph_vector")))


def _array(value: Any) -> Vector | None:
    return np.asarray(value, dtype=np.float32) if isinstance(value, list) and value else None
