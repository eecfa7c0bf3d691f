"""The log: one example for each query that was answered, from entries of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bandit_service.journal.entries import Entry, arms_of
from bandit_service.learner.credit import Grades, combined, note
from bandit_service.policies.base import Eligible, Features
from plugin.model import ArmChances

MOST: Final = 100_000
"""Queries that are looked at, the latest."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision and what came of it. ``reward`` is within 0..1."""

    session: str
    context: Features
    strategies: Eligible
    values: Features
    arms: tuple[ArmChances, ...]
    included: frozenset[str]
    reward: float


@dataclass(slots=True)
class Log:
    """``counts``: how many queries were left out, by reason."""

    examples: list[Logged] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


Chosen = tuple[float, int]
"""Of an entity that was acted on: its grade (−1..1) and the position at which it was shown."""


def grade(chosen: Sequence[Chosen]) -> float:
    """The best grade of the page."""
    return max((one for one, _ in chosen), default=0.0)


def choice(chosen: Sequence[Chosen]) -> float:
    """1 where anything was chosen."""
    return float(any(one > 0 for one, _ in chosen))


def rank(chosen: Sequence[Chosen]) -> float:
    """1/position of the first that was chosen."""
    return max((1 / position for one, position in chosen if one > 0), default=0.0)


REWARDS: Final[Mapping[str, Callable[[Sequence[Chosen]], float]]] = {
    "grade": grade,
    "choice": choice,
    "rank": rank,
}


@dataclass(slots=True)
class _Query:
    decision: Entry | None = None
    positions: dict[str, int] = field(default_factory=dict)
    actions: dict[str, dict[str, float]] = field(default_factory=dict)
    learn: bool = True


def collect(entries: Iterable[Entry], grades: Grades, reward: str = "grade") -> Log:
    """Examples of the queries in ``entries`` (in any order), the latest MOST in journal order.

    Left out are queries that are not to be learnt from, that showed no page, of an ``interleaved``
    page, and of before all arms were logged.
    """
    queries: dict[str, _Query] = {}
    for entry in entries:
        if entry.query_id is None:
            continue
        query = queries.setdefault(entry.query_id, _Query())
        query.learn = query.learn and entry.learn
        if entry.kind == "decision":
            query.decision = entry
        elif entry.kind == "page":
            for hit in entry.body["shown"]:
                query.positions.setdefault(str(hit["id"]), int(hit["position"]))
        elif entry.kind == "feedback":
            _act(query, entry.body, grades)
        if len(queries) > MOST:
            del queries[next(iter(queries))]
    log = Log()
    for query in queries.values():
        reason = _unusable(query)
        if reason:
            log.counts[reason] = log.counts.get(reason, 0) + 1
        elif query.decision is not None:
            log.examples.append(_example(query, query.decision, REWARDS[reward]))
    return log


def _act(query: _Query, body: Mapping[str, Any], grades: Grades) -> None:
    action, dwell = str(body["action"]), body.get("dwell_ms")
    worth = grades.of(action, float(dwell) if dwell is not None else None, body.get("value"))
    note(query.actions.setdefault(str(body["object_id"]), {}), action, worth)


def _unusable(query: _Query) -> str:
    if query.decision is None:
        return "no decision"
    if not query.learn:
        return "not to be learnt from"
    if not query.positions:
        return "no page"
    if query.decision.body.get("arm") == "interleaved":
        return "interleaved"
    return "" if query.decision.body.get("arms") else "arms not logged"


def _example(query: _Query, decision: Entry, reward: Callable[[Sequence[Chosen]], float]) -> Logged:
    body = decision.body
    acted = [
        (combined(actions), query.positions[entity])
        for entity, actions in query.actions.items()
        if entity in query.positions
    ]
    return Logged(
        # Without a session every query is one of its own.
        session=decision.session or decision.query_id or decision.id,
        context=body["context"],
        strategies={
            choice["strategy"]: body["strategies"].get(choice["strategy"], {})
            for choice in body["choices"]
        },
        values={choice["strategy"]: float(choice["value"]) for choice in body["choices"]},
        arms=arms_of(body),
        included=frozenset(one["strategy"] for one in body["choices"] if one["included"]),
        reward=min(1.0, max(0.0, reward(acted))),
    )
