"""What is known from before a query: of its session, its user, and of the same query by anybody.

Features of history for the policy, added to those of the query itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cachetools import LRUCache

from bandit_service.features import featurise
from bandit_service.features.basis import Basis
from bandit_service.features.time import Holidays
from bandit_service.learner.meanings import FIELD
from bandit_service.ranking.observed import Before, Seen
from plugin.cluster import Cluster
from plugin.errors import LtrrError
from plugin.model import Query

REMEMBERED: Final = 50_000
"""How many sessions and users one process knows again."""
LATELY: Final = 1_000
"""Of how many queries it is kept what was seen, between choosing strategies and ranking."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Of one query, as everybody may see it: the best observed score (0..1; None for none), how
    much was looked at, the cosine of the nearest other query that people asked, and what was made
    of entities under it."""

    confidence: float | None = None
    asked: float = 0.0
    nearest: float = 0.0
    before: Before = field(default_factory=Before)

    @classmethod
    def of(cls, document: Mapping[str, Any], nearest: float) -> Remembered:
        """What the query's ``document`` in the memory index tells; {} where it has none."""
        scores = (float(one["score"]) for one in document.get("references") or ())
        asked = float(document.get("observed") or 0.0)
        return cls(max(scores, default=None), asked, nearest, before_in(document))


def before_in(document: Mapping[str, Any]) -> Before:
    """What a document of the memory index tells of entities."""
    seen = {
        one["id"]: Seen(float(one["clicks"]), float(one["looks"]))
        for one in document.get("seen") or ()
    }
    return Before(seen, float(document.get("rate") or 0.0))


_NOTHING: Final = Before()


class Past:
    """Makes the context of queries. Safe to share between threads.

    Sessions and users are known again by the process that saw them; what people chose is asked
    from the memory index, in one request. Where that does not answer in ``timeout_s``, nothing is
    known: the policy decides without.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        timeout_s: float = 0.5,
        holidays: Holidays | None = None,
        basis: Callable[[], Basis | None] = lambda: None,
    ) -> None:
        self._cluster = cluster
        self._timeout_s = timeout_s
        self._holidays = holidays or Holidays()
        self._basis = basis
        self._seen: LRUCache[str, bool] = LRUCache(REMEMBERED)
        self._lately: LRUCache[str, Before] = LRUCache(LATELY)
        self._lock = threading.Lock()

    def before(self, query: Query) -> Before:
        """What people made of entities under this query, as :meth:`context` found it last; asks
        nobody."""
        with self._lock:
            return self._lately.get(query.memory_key, _NOTHING)

    def context(self, query: Query) -> dict[str, float]:
        """See :func:`bandit_service.features.featurise`. Never raises for what is missing."""
        remembered = self._remembered(query)
        with self._lock:
            self._lately[query.memory_key] = remembered.before
        holiday, eve = self._holidays.about(query)
        basis = self._basis()
        return featurise(
            query,
            # Whom this process has not met may be known from elsewhere.
            session_seen=self._meet(query.session and f"session {query.session}")
            or query.session_vector is not None,
            user_known=self._meet(query.user and f"user {query.user}")
            or query.user_vector is not None,
            memory_hit=remembered.confidence is not None,
            memory_confidence=remembered.confidence or 0.0,
            asked=remembered.asked,
            nearest=remembered.nearest,
            holiday=holiday,
            eve=eve,
            reduced=basis.reduce(query.vector) if basis is not None else (),
        )

    def _meet(self, who: str | None) -> bool:
        """Whether we met before; from now on we have."""
        if not who:
            return False
        with self._lock:
            known = self._seen.get(who, False)
            self._seen[who] = True
        return known

    def _remembered(self, query: Query) -> Remembered:
        if not query.memory_key:
            return Remembered()
        index = {"index": self._cluster.name("memory")}
        lines: list[Any] = [index, _itself(query.memory_key)]
        if query.vector is not None:
            lines += [index, _nearest(query.vector)]
        try:
            answer = self._cluster.lines(
                "POST",
                "/_msearch",
                lines,
                params={
                    "filter_path": "responses.hits.hits._id,responses.hits.hits._score,"
                    "responses.hits.hits._source,responses.status"
                },
                timeout_s=self._timeout_s,
            )
        except LtrrError:
            return Remembered()
        # One that fails (an index of before there were vectors) has no hits.
        found = [one.get("hits", {}).get("hits", []) for one in answer.get("responses", [])]
        here = found[0][0].get("_source", {}) if found and found[0] else {}
        near = [one for hits in found[1:] for one in hits if one["_id"] != query.memory_key]
        # The engine's score is (1 + cosine) / 2.
        nearest = max((2 * float(one["_score"]) - 1 for one in near), default=0.0)
        return Remembered.of(here, nearest)


def _itself(key: str) -> Mapping[str, Any]:
    return {
        "size": 1,
        "query": {"ids": {"values": [key]}},
        "_source": ["references", "observed", "rate", "seen"],
        "track_total_hits": False,
    }


def _nearest(vector: Sequence[float]) -> Mapping[str, Any]:
    # Two: the nearest may be the query itself.
    return {
        "size": 2,
        "query": {"knn": {FIELD: {"vector": vector, "k": 2}}},
        "_source": False,
        "track_total_hits": False,
    }
