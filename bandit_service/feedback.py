"""The way of a choice, up to the journal: taken in, checked, on disk, seen by its own session."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from bandit_service.collaborators import Services
from bandit_service.history import History
from bandit_service.journal.entries import Entry, feedback_entry


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody did. ``session``, ``user`` and ``client`` are keyed hashes of who
    acted; where a session or user is None, it was who searched."""

    query_id: str
    object_id: str
    action: str
    position: int | None = None
    dwell_ms: int | None = None
    value: float | None = None
    event_id: str | None = None
    timestamp: datetime | None = None
    session: str | None = None
    user: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in: ids in the order of the events, and which of them name an object that
    their query never returned."""

    event_ids: tuple[str, ...]
    not_on_page: tuple[str, ...]


class Feedback:
    """Takes events in. Safe to share between threads."""

    def __init__(self, services: Services, history: History) -> None:
        self._services = services
        self._history = history

    def take(self, events: Sequence[Event]) -> Taken:
        """Check all events, then write them; either all are checked or none is written.

        An event about an object that its query never returned is kept and marked
        (``on_page: false``): no strategy can earn by it, but it may matter to evaluation. While
        the page is not known here, there is no mark.

        Feedback does not depend on the node: it is taken in while OpenSearch is away.

        Raises:
            InvalidRequest, NotFound: a query_id that was never given out.
            SpoolFull: try again later with the same event ids.
        """
        journal = self._services.journal
        indexes = {event.query_id: journal.index_of(event.query_id) for event in events}
        pages = self._history.pages_if_there(indexes)
        listed = {
            query_id: {id: place for place, id in enumerate(page.body["ranked"] or (), start=1)}
            for query_id, page in pages.items()
            if page is not None
        }
        event_ids: list[str] = []
        strangers: list[str] = []
        for event in events:
            event_id = event.event_id or derived_id(event)
            body = described(event)
            known = listed.get(event.query_id)
            if known is not None:
                body["on_page"] = event.object_id in known
                if body["on_page"]:
                    # Who counts clicks by position needs it of every event.
                    body.setdefault("position", known[event.object_id])
                body |= _type_of(event.object_id, pages[event.query_id])
                if not body["on_page"]:
                    strangers.append(event_id)
            self._write(event, event_id, indexes[event.query_id], body, pages[event.query_id])
            event_ids.append(event_id)
        return Taken(tuple(event_ids), tuple(strangers))

    def _write(
        self,
        event: Event,
        event_id: str,
        index: str,
        body: Mapping[str, Any],
        page: Entry | None,
    ) -> None:
        session = event.session or (page.session if page else None)
        entry = feedback_entry(
            event.query_id,
            index,
            event_id,
            self._services.clock(),
            body,
            session=session,
            user=event.user or (page.user if page else None),
            client=event.client,
            # While the page is not known here, the fold finds it out.
            learn=page is None or page.learn,
        )
        again = self._history.knows(entry.id)
        self._services.journal.append(entry)
        self._history.remember(entry)
        if page is None or session is None or again or not page.learn:
            return
        if body["on_page"]:
            self._services.evidence.record(session, page.body["memory_key"], body)


def _type_of(object_id: str, page: Entry | None) -> dict[str, str]:
    """Its type, as the first page showed it."""
    shown = page.body["shown"] if page is not None else ()
    return next(({"type": str(one["type"])} for one in shown if one["id"] == object_id), {})


def described(event: Event) -> dict[str, Any]:
    """The body of an event's entry: what is known of it, without who and which query."""
    body: dict[str, Any] = {"object_id": event.object_id, "action": event.action}
    given = {"position": event.position, "dwell_ms": event.dwell_ms, "value": event.value}
    body |= {name: value for name, value in given.items() if value is not None}
    if event.timestamp is not None:
        body["timestamp"] = event.timestamp.isoformat()
    return body


def derived_id(event: Event) -> str:
    """An id for an event that came without: the same for the same event sent again."""
    said = [event.query_id, event.session, event.user, described(event)]
    data = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, digest_size=12).hexdigest()
