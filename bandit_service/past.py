"""What is known from before a query: of its session, its user, and of the same query by anybody.

Features of history for the policy, added to those of the query itself.
"""

from __future__ import annotations

import threading
from typing import Final

from cachetools import LRUCache

from bandit_service.features import featurise
from plugin.cluster import Cluster
from plugin.errors import LtrrError
from plugin.model import Query

REMEMBERED: Final = 50_000
"""How many sessions and users one process knows again."""


class Past:
    """Makes the context of queries. Safe to share between threads.

    Sessions and users are known again by the process that saw them; what people chose is asked
    from the memory index, by id. Where that does not answer in ``timeout_s``, nothing is known:
    the policy decides without.
    """

    def __init__(self, cluster: Cluster, *, timeout_s: float = 0.5) -> None:
        self._cluster = cluster
        self._timeout_s = timeout_s
        self._seen: LRUCache[str, bool] = LRUCache(REMEMBERED)
        self._lock = threading.Lock()

    def context(self, query: Query) -> dict[str, float]:
        """See :func:`bandit_service.features.featurise`. Never raises for what is missing."""
        confidence = self._confidence(query.memory_key)
        return featurise(
            query,
            # Whom this process has not met may be known from elsewhere.
            session_seen=self._meet(query.session and f"session {query.session}")
            or query.session_vector is not None,
            user_known=self._meet(query.user and f"user {query.user}")
            or query.user_vector is not None,
            memory_hit=confidence is not None,
            memory_confidence=confidence or 0.0,
        )

    def _meet(self, who: str | None) -> bool:
        """Whether we met before; from now on we have."""
        if not who:
            return False
        with self._lock:
            known = self._seen.get(who, False)
            self._seen[who] = True
        return known

    def _confidence(self, key: str) -> float | None:
        """The best score (0..1) that was observed for this query; None if nothing was."""
        if not key:
            return None
        try:
            found = self._cluster.find(
                f"/{self._cluster.name('memory')}/_doc/{key}", request_timeout=self._timeout_s
            )
        except LtrrError:
            return None
        references = (found or {}).get("_source", {}).get("references") or ()
        return max((float(one["score"]) for one in references), default=None)
