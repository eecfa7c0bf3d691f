"""What a session itself chose, seen by it at once; others wait until enough sessions agree.

Only in this process, and bounded. A session that comes to another sidecar, or comes back after a
restart, is filled in from the journal at its first question there.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from bandit_service.learner.credit import Grades, combined
from plugin.cluster import Cluster
from plugin.errors import LtrrError

MOST_KEYS = 50
MOST_EVENTS = 200

_Choices = LRUCache[str, dict[str, dict[str, float]]]
"""Query key → entity → action → grade."""


def _nothing() -> _Choices:
    return LRUCache(MOST_KEYS)


@dataclass(slots=True)
class _Session:
    """``complete``: what the journal knows of it is among ``choices``."""

    choices: _Choices = field(default_factory=_nothing)
    complete: bool = False


class SessionEvidence:
    """Session → query key → entity → grade. Safe to share between threads.

    ``cluster`` is where to look for a session that is new here; None for nowhere.
    """

    def __init__(
        self, grades: Grades, *, cluster: Cluster | None = None, sessions: int = 10_000
    ) -> None:
        self._grades = grades
        self._cluster = cluster
        self._lock = threading.Lock()
        self._sessions: LRUCache[str, _Session] = LRUCache(sessions)

    def record(self, session: str, key: str, event: Mapping[str, Any]) -> None:
        """Take in the body of a feedback entry: ``object_id``, ``action``, ``dwell_ms``."""
        with self._lock:
            self._add(self._known(session).choices, key, event)

    def recall(self, session: str, key: str) -> Mapping[str, float]:
        """Entity → grade (−1..1) of what this session did for this query before."""
        with self._lock:
            complete = self._known(session).complete
        earlier = None if complete else self._from_journal(session)
        with self._lock:
            known = self._known(session)
            if earlier is not None and not known.complete:
                _put_before(known.choices, earlier)
                known.complete = True
            entities = known.choices.get(key) or {}
            return {entity: combined(actions) for entity, actions in entities.items()}

    def _known(self, session: str) -> _Session:
        known = self._sessions.get(session)
        if known is None:
            known = self._sessions[session] = _Session()
        return known

    def _add(self, known: _Choices, key: str, event: Mapping[str, Any]) -> None:
        dwell = event.get("dwell_ms")
        grade = self._grades.of(str(event["action"]), dwell if dwell is not None else None)
        if grade == 0:
            return
        entities = known.get(key)
        if entities is None:
            entities = known[key] = {}
        actions = entities.setdefault(str(event["object_id"]), {})
        earlier = actions.pop(str(event["action"]), None)
        actions[str(event["action"])] = grade if earlier is None else max(grade, earlier)

    def _from_journal(self, session: str) -> _Choices | None:
        """What the journal knows of a session: its latest events, with their pages' keys.

        None where it cannot be asked now.
        """
        known = _nothing()
        if self._cluster is None:
            return known
        try:
            events = _latest(self._cluster, session, "feedback")
            if events:
                decisions = _latest(self._cluster, session, "decision")
                pages = {hit["query_id"]: hit for hit in decisions}
                for event in reversed(events):
                    page = pages.get(event["query_id"])
                    if page is not None and page["body"]["memory_key"]:
                        self._add(known, str(page["body"]["memory_key"]), event["body"])
        except (LtrrError, KeyError, TypeError):
            # A missing recollection costs a little comfort; the page must not fail for it.
            return None
        return known


def _put_before(choices: _Choices, earlier: _Choices) -> None:
    """Add what was chosen ``earlier``, in the journal's order, before what ``choices`` holds."""
    for key, entities in earlier.items():
        here = choices.setdefault(key, {})
        for entity, actions in entities.items():
            now = here.get(entity, {})
            before = {action: grade for action, grade in actions.items() if action not in now}
            here[entity] = {**before, **now}


def _latest(cluster: Cluster, session: str, kind: str) -> list[Mapping[str, Any]]:
    filters = [{"term": {"session": session}}, {"term": {"kind": kind}}]
    answer = cluster.request(
        "POST",
        f"/{cluster.name('journal')}-*/_search",
        {
            "size": MOST_EVENTS,
            "query": {"bool": {"filter": filters}},
            "sort": [{"recorded_at": "desc"}],
            "_source": ["query_id", "body"],
        },
        params={"filter_path": "hits.hits._source"},
        timeout_s=1.0,
    )
    return [hit["_source"] for hit in answer.get("hits", {}).get("hits", [])]
