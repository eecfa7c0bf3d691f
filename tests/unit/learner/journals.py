"""Tiny hand-made journals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed, Position
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.state import State
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel

START = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
RULES = Rules(window_ms=30 * MINUTE)
INDEX = "t-journal-000001"


def new_policy() -> Explorer:
    return Explorer(VwValueModel(), StaticPolicy({}, budget=200))


def decision(
    query: str,
    *,
    at: float = 0,
    included: Sequence[str] = ("lexical", "dense"),
    left_out: Sequence[str] = (),
    session: str | None = "s1",
    learn: bool = True,
    key: str = "key",
    client: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> Entry:
    choices = [
        {
            "strategy": name,
            "value": 0.5,
            "propensity": 0.9,
            "included": name in included,
            "candidates": 100 if name in included else 0,
            "weight": 1 / len(included) if name in included else 0.0,
        }
        for name in (*included, *left_out)
    ]
    body = {
        "query": "tayler love",
        "memory_key": key,
        "arm": "learned",
        "context": {"tokens": 0.2} if context is None else context,
        "strategies": {choice["strategy"]: {"cost": 0.1} for choice in choices},
        "choices": choices,
    }
    return _entry("decision", query, "d", at, body, session, learn, client)


def page(
    query: str,
    shown: Mapping[str, Sequence[tuple[str, int, float]]],
    *,
    at: float = 0,
    start: int = 0,
    session: str | None = "s1",
    learn: bool = True,
    key: str = "key",
    client: str | None = None,
    degraded: Sequence[str] = (),
) -> Entry:
    hits = [
        {"id": id, "type": "song", "position": start + place, "score": 1.0, "provenance": origin}
        for place, (id, origin) in enumerate(shown.items(), start=1)
    ]
    body = {"from": start, "memory_key": key, "shown": hits, "degraded": list(degraded)}
    return _entry("page", query, f"p:{start}", at, body, session, learn, client)


def event(
    query: str,
    object_id: str,
    action: str = "click",
    *,
    at: float = 1,
    id: str = "e1",
    session: str | None = "s1",
    client: str | None = None,
    **more: Any,
) -> Entry:
    body = {"object_id": object_id, "action": action, **more}
    return _entry("feedback", query, f"f:{id}", at, body, session, True, client)


def _entry(
    kind: Any,
    query: str,
    part: str,
    at: float,
    body: Mapping[str, Any],
    session: str | None,
    learn: bool,
    client: str | None,
) -> Entry:
    return Entry(
        id=f"{query}:{part}",
        kind=kind,
        index=INDEX,
        recorded_at=START + int(at * MINUTE),
        body=body,
        query_id=query,
        session=session,
        learn=learn,
        client=client,
    )


def placed(entries: Iterable[Entry | None]) -> list[Placed]:
    return [Placed(Position(1, number), entry) for number, entry in enumerate(entries)]


def folded(
    entries: Iterable[Entry | None], state: State | None = None, rules: Rules = RULES
) -> State:
    state = State(new_policy()) if state is None else state
    for one in placed(entries):
        if one.position > state.position:
            fold(state, one, rules)
    return state
