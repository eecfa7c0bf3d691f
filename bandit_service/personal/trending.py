"""What many choose now, as the learner wrote it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bandit_service.personal.patience import Patience
from plugin.cluster import Cluster
from plugin.model import Query

DOCUMENT: Final = "trending"
MOST: Final = 100
KEPT_S: Final = 5.0

Trending = tuple[tuple[str, float], ...]
"""Entities with scores in 0..1, the first first."""


class TrendingLookUp:
    """Fills ``trending``. Safe to share between threads."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        timeout_s: float = 0.3,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._timeout_s = timeout_s
        self._clock = clock
        self._patience = Patience("what is trending", clock=clock)
        self._lock = threading.Lock()
        self._known: Trending = ()
        self._until = float("-inf")

    def __call__(self, query: Query) -> Query:
        """``query`` with what is trending; the last that was read, where it cannot be read now."""
        with self._lock:
            stale = self._clock() >= self._until
            if stale:  # the others go on with what is known while this thread asks
                self._until = self._clock() + KEPT_S
        if stale and (found := self._patience.ask(self._read)) is not None:
            self._known = found
        return replace(query, trending=self._known)

    def _read(self) -> Trending:
        found = self._cluster.find(
            f"/{self._cluster.name('state')}/_doc/{DOCUMENT}",
            _source_includes="body",
            request_timeout=self._timeout_s,
        )
        entities = (found or {}).get("_source", {}).get("body", {}).get("entities") or ()
        return tuple((str(one["id"]), float(one["score"])) for one in entities)[:MOST]
