"""What many choose now: distinct sessions per entity, each counting half after HALF_LIFE_MS.

A session counts once per entity for as long as it is among the entity's RECENT_VOTERS latest; who
can be told from nobody else (no session, no user) does not count at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any

from bandit_service.fading import kept

HALF_LIFE_MS = 6 * 3_600_000
MOST_ENTITIES = 1_000
SLACK = 250
"""As many more may be there for a while: to look for the faintest at every choice would be slow."""
RECENT_VOTERS = 64
FAINT = 0.5
"""Half a session: below that an entity was popular once, but is not trending."""


@dataclass(slots=True)
class Trend:
    """Of one entity: its faded ``count`` at journal time ``at``, and ``choosers`` ever."""

    count: float = 0.0
    at: int = 0
    choosers: int = 0
    voters: dict[str, None] = field(default_factory=dict)

    def now(self, now: int) -> float:
        """The count at ``now``."""
        return self.count * kept(now - self.at, HALF_LIFE_MS)


class Trends:
    """All entities that were chosen lately. The same calls give the same state and bytes."""

    def __init__(self) -> None:
        self._entities: dict[str, Trend] = {}

    def choose(self, entity: str, voter: str, now: int) -> None:
        """The session ``voter`` ("" is anybody) chose ``entity`` at journal time ``now``."""
        if not voter:
            return
        trend = self._entities.pop(entity, None) or Trend(at=now)
        self._entities[entity] = trend
        if voter in trend.voters:
            return
        trend.voters[voter] = None
        if len(trend.voters) > RECENT_VOTERS:
            del trend.voters[next(iter(trend.voters))]
        trend.count = trend.now(now) + 1
        trend.at = max(now, trend.at)
        trend.choosers += 1
        if len(self._entities) > MOST_ENTITIES + SLACK:
            self._drop_faintest(but=entity)

    def _drop_faintest(self, but: str) -> None:
        others = (one for one in self._entities if one != but)
        excess = len(self._entities) - MOST_ENTITIES
        for one in nsmallest(excess, others, key=lambda one: _rank(self._entities[one])):
            del self._entities[one]

    def current(self, now: int, sessions: int, most: int) -> list[tuple[str, float]]:
        """The ``most`` trending entities with scores in 0..1, the first 1, ties by id.

        Only what at least ``sessions`` distinct sessions chose.
        """
        counts = {
            entity: count
            for entity, trend in self._entities.items()
            if trend.choosers >= sessions and (count := trend.now(now)) >= FAINT
        }
        best = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        return [(entity, count / best[0][1]) for entity, count in best]

    def voices(self) -> set[str]:
        """Who is known to have chosen something."""
        return {voter for trend in self._entities.values() for voter in trend.voters}

    def forget(self, voter: str) -> None:
        """Drop who chose; that somebody did, stays counted."""
        for trend in self._entities.values():
            trend.voters.pop(voter, None)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON in a fixed order."""
        return {
            entity: [trend.count, trend.at, trend.choosers, list(trend.voters)]
            for entity, trend in self._entities.items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Trends:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        trends = cls()
        for entity, (count, at, choosers, voters) in data.items():
            trends._entities[entity] = Trend(
                float(count), int(at), int(choosers), dict.fromkeys(voters)
            )
        return trends


def _rank(trend: Trend) -> float:
    """Orders trends by their counts at any one time, whichever it is."""
    return math.log2(trend.count) + trend.at / HALF_LIFE_MS
