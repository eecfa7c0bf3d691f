"""The same event is the same entry, however often it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bandit_service.feedback import Event, derived_id, described

CLICK = Event("q", "song-1", "click", position=3)


def test_an_event_without_an_id_gets_the_same_one_each_time() -> None:
    assert derived_id(CLICK) == derived_id(Event("q", "song-1", "click", position=3))


def test_any_difference_makes_another_event() -> None:
    others = [
        replace(CLICK, query_id="q2"),
        replace(CLICK, object_id="song-2"),
        replace(CLICK, action="play"),
        replace(CLICK, position=4),
        replace(CLICK, dwell_ms=1000),
        replace(CLICK, value=0.5),
        replace(CLICK, session="other"),
        replace(CLICK, user="other"),
        replace(CLICK, timestamp=datetime(2026, 3, 1, tzinfo=UTC)),
    ]
    assert len({derived_id(event) for event in [CLICK, *others]}) == len(others) + 1


def test_the_body_holds_what_is_known_and_nobody() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    event = replace(CLICK, session="hash", user="hash", timestamp=moment)
    assert described(event) == {
        "object_id": "song-1",
        "action": "click",
        "position": 3,
        "timestamp": "2026-03-01T12:00:00+00:00",
    }
