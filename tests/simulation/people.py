"""What people of the simulation do: a search, its page, and what they choose there.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulated_net import NAMESPACE

from bandit_service.journal.entries import Entry, Kind

ENTITIES = ("a", "b", "c")
STRATEGIES = ("lexical", "dense", "memory")


@dataclass(frozen=True, slots=True)
class Event:
    """An entry that is to be journalled; the same event is the same entry, whoever takes it."""

    query: str
    generation: int
    kind: Kind
    part: str
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.query}:{self.part}"

    def entry(self, recorded_at: int) -> Entry:
        """As the process writes it that takes it in."""
        return Entry(
            id=self.id,
            kind=self.kind,
            index=f"{NAMESPACE}-journal-{self.generation:06d}",
            recorded_at=recorded_at,
            body=self.body,
            query_id=self.query,
            session=f"session-of-{self.query}",
        )


def visit(number: int, generation: int, rng: random.Random) -> list[Event]:
    """All that comes of one search, by a session of its own."""
    key = rng.choice(("one", "two"))
    choices = [
        {"strategy": name, "value": 0.5, "propensity": 0.9, "included": True}
        | {"candidates": 100, "weight": 1 / 3}
        for name in STRATEGIES
    ]
    hits = [
        {"id": one, "type": "song", "position": place, "score": 1.0}
        | {"provenance": [[rng.choice(STRATEGIES), place, 1.0]]}
        for place, one in enumerate(ENTITIES, start=1)
    ]
    decision = {"query": key, "memory_key": key, "arm": "learned", "choices": choices}
    decision |= {"context": {"tokens": rng.random()}}
    decision |= {"strategies": {name: {"cost": 0.1} for name in STRATEGIES}}
    page = {"from": 0, "memory_key": key, "shown": hits, "degraded": []}
    chosen = rng.sample(ENTITIES, rng.randint(0, 2))
    query = f"q{number}"
    return [
        Event(query, generation, "decision", "d", decision),
        Event(query, generation, "page", "p:0", page),
        *(
            Event(query, generation, "feedback", f"f:{one}", {"object_id": one, "action": "click"})
            for one in chosen
        ),
    ]
