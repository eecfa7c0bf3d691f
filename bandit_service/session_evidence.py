"""What a session itself chose, seen by it at once; others wait until enough sessions agree.

Only in this process, and bounded. A session that comes to another sidecar, or comes back after a
restart, is filled in from the journal at its first question there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from bandit_service.learner.credit import Grades, combined, note
from bandit_service.personal.patience import Patience
from plugin.cluster import Cluster

MOST_KEYS = 50
MOST_EVENTS = 200
MOST_LATEST = 32
FADES = 0.8
"""What a choice counts for after one more of something else."""

_Choices = LRUCache[str, dict[str, dict[str, float]]]
"""Query key → entity → action → grade."""


def _nothing() -> _Choices:
    return LRUCache(MOST_KEYS)


@dataclass(slots=True)
class _Session:
    """``latest``: entity → action → grade over all queries, the latest last; ``types`` of those
    among them that are known. ``complete``: what the journal knows of it is among all."""

    choices: _Choices = field(default_factory=_nothing)
    latest: dict[str, dict[str, float]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    complete: bool = False

    def take(self, key: str, event: Mapping[str, Any], grade: float) -> None:
        """Take in one event; a query that said nothing has the ``key`` ""."""
        entity, action = str(event["object_id"]), str(event["action"])
        if key:
            entities = self.choices.get(key)
            if entities is None:
                entities = self.choices[key] = {}
            note(entities.setdefault(entity, {}), action, grade)
        actions = self.latest.pop(entity, {})
        self.latest[entity] = actions
        note(actions, action, grade)
        if event.get("type"):
            self.types[entity] = str(event["type"])
        if len(self.latest) > MOST_LATEST:
            del self.latest[next(iter(self.latest))]
        self._keep_types()

    def put_before(self, earlier: _Session) -> None:
        """Add what was chosen ``earlier``, in the journal's order, before what is here."""
        for key, entities in earlier.choices.items():
            here = self.choices.setdefault(key, {})
            for entity, actions in entities.items():
                here[entity] = _before(actions, here.get(entity, {}))
        latest = {
            entity: _before(actions, self.latest.get(entity, {}))
            for entity, actions in earlier.latest.items()
            if entity not in self.latest
        }
        now = {
            entity: _before(earlier.latest.get(entity, {}), actions)
            for entity, actions in self.latest.items()
        }
        together = [*latest.items(), *now.items()]
        self.latest = dict(together[-MOST_LATEST:])
        self.types = earlier.types | self.types
        self._keep_types()

    def _keep_types(self) -> None:
        self.types = {one: kind for one, kind in self.types.items() if one in self.latest}


def _before(earlier: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    return {**{action: grade for action, grade in earlier.items() if action not in now}, **now}


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
        self._patience = Patience("the journal of a session")
        self._sessions: LRUCache[str, _Session] = LRUCache(sessions)

    def record(self, session: str, key: str, event: Mapping[str, Any]) -> None:
        """Take in the body of a feedback entry: ``object_id``, ``action``, ``dwell_ms``.

        ``key`` is "" for a query that said nothing.
        """
        with self._lock:
            self._take(self._known(session), key, event)

    def recall(self, session: str, key: str) -> Mapping[str, float]:
        """Entity → grade (−1..1) of what this session did for this query before."""
        with self._completed(session) as known:
            entities = known.choices.get(key) or {}
            return {entity: combined(actions) for entity, actions in entities.items()}

    def latest(self, session: str) -> Mapping[str, float]:
        """Entity → weight of what this session did last, whatever it asked for, the latest first.

        The weight is the grade (−1..1), times FADES for everything that came after it.
        """
        with self._completed(session) as known:
            latest = list(reversed(known.latest.items()))
        return {
            entity: combined(actions) * FADES**place
            for place, (entity, actions) in enumerate(latest)
        }

    def types(self, session: str) -> Mapping[str, float]:
        """Type → its share (0..1) of what this session liked lately; empty where nothing is known.

        Of what is in this process: the call comes after :meth:`latest`, which fills it in.
        """
        liked: dict[str, float] = {}
        with self._lock:
            known = self._sessions.get(session) or _Session()
            for entity, kind in known.types.items():
                liked[kind] = liked.get(kind, 0.0) + max(0.0, combined(known.latest[entity]))
        total = sum(liked.values())
        return {kind: weight / total for kind, weight in sorted(liked.items()) if weight > 0}

    @contextmanager
    def _completed(self, session: str) -> Iterator[_Session]:
        """The session, with what the journal knows of it if that can be asked; locked."""
        with self._lock:
            complete = self._known(session).complete
        earlier = None if complete else self._patience.ask(lambda: self._from_journal(session))
        with self._lock:
            known = self._known(session)
            if earlier is not None and not known.complete:
                known.put_before(earlier)
                known.complete = True
            yield known

    def _known(self, session: str) -> _Session:
        known = self._sessions.get(session)
        if known is None:
            known = self._sessions[session] = _Session()
        return known

    def _take(self, known: _Session, key: str, event: Mapping[str, Any]) -> None:
        grade = self._grades.of(str(event["action"]), event.get("dwell_ms"), event.get("value"))
        if grade != 0:
            known.take(key, event, grade)

    def _from_journal(self, session: str) -> _Session | None:
        """What the journal knows of a session: its latest events, with their pages' keys.

        Raises what :meth:`plugin.cluster.Cluster.request` does.
        """
        known = _Session()
        if self._cluster is None:
            return known
        try:
            events = _latest(self._cluster, session, "feedback")
            if events:
                decisions = _latest(self._cluster, session, "decision")
                pages = {hit["query_id"]: hit for hit in decisions}
                for event in reversed(events):
                    page = pages.get(event["query_id"])
                    if page is not None and event["body"].get("on_page", True):
                        self._take(known, str(page["body"]["memory_key"]), event["body"])
        except (KeyError, TypeError):
            # A missing recollection costs a little comfort; the page must not fail for it.
            return None
        return known


def _latest(cluster: Cluster, session: str, kind: str) -> list[Mapping[str, Any]]:
    filters = [{"term": {"session": session}}, {"term": {"kind": kind}}, {"term": {"learn": True}}]
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
