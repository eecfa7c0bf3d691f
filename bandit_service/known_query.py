"""What is known of one query: evidence by entity, and the latest sessions' votes.

It is packed while nobody needs it, and a page touches only a little of it: so what was unpacked
stays plain JSON until it is touched, entity by entity and vote by vote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from bandit_service.fading import kept

FADES_EVERY_MS = 3_600_000
"""Evidence fades in steps of at least so much journal time: a page touches its query often."""
RECENT_SESSIONS = 32
"""Sessions per query whose votes can still be changed, and are not counted again."""
MOST_ENTITIES = 200
"""More than a page's candidates usually are: what is dropped would count as never tried."""


@dataclass(slots=True)
class Evidence:
    """Of one entity under one query: sums over sessions. ``prior`` is None where unpredicted."""

    clicks: float = 0.0
    examined: float = 0.0
    choosers: int = 0
    examiners: int = 0
    prior: float | None = None


@dataclass(slots=True)
class Vote:
    """Of one session about one entity: how much of an examination, and action → grade."""

    examined: float = 0.0
    actions: dict[str, float] = field(default_factory=dict)


Votes = dict[str, Any]
"""Entity → :class:`Vote`, or what it was packed to."""


class KnownQuery:
    """Bounded: MOST_ENTITIES and RECENT_SESSIONS. Packed and unpacked it is the same.

    ``updated``: the journal time (epoch milliseconds) up to which its evidence has faded.
    """

    __slots__ = ("_entities", "sessions", "text", "updated")

    def __init__(self, updated: int = 0) -> None:
        self.text = ""
        self.updated = updated
        self.sessions: dict[str, Votes] = {}
        """The latest session last."""
        self._entities: dict[str, Any] = {}

    def evidence(self, entity: str) -> Evidence:
        """To be changed; a new one where there is none."""
        found = self._entities.get(entity)
        if type(found) is not Evidence:
            found = self._entities[entity] = Evidence(*found or ())
        return found

    def find(self, entity: str) -> Evidence:
        """Not to be changed; empty where there is none."""
        return self.evidence(entity) if entity in self._entities else Evidence()

    def all(self) -> Iterator[tuple[str, Evidence]]:
        """Every entity with its evidence."""
        return ((entity, self.evidence(entity)) for entity in list(self._entities))

    def fade(self, now: int, half_life_ms: int) -> None:
        """What was seen and chosen before counts half after ``half_life_ms``; who and how many did
        it, which decides what everybody may see, stays."""
        if not fades(self.updated, now):
            return
        faded = kept(now - self.updated, half_life_ms)
        self.updated = now
        for _, evidence in self.all():
            evidence.clicks *= faded
            evidence.examined *= faded

    def votes(self, session: str) -> Votes:
        """Those of ``session``, which is the latest from now on."""
        votes = self.sessions.pop(session, None)
        self.sessions[session] = votes = {} if votes is None else votes
        if len(self.sessions) > RECENT_SESSIONS:
            del self.sessions[next(iter(self.sessions))]
        return votes

    @staticmethod
    def vote(votes: Votes, entity: str) -> Vote:
        """To be changed; a new one where there is none."""
        found = votes.get(entity)
        if type(found) is not Vote:
            told = found if isinstance(found, list) else () if found is None else (found,)
            found = votes[entity] = Vote(*told)
        return found

    def trim(self) -> None:
        """Drop the weakest entities beyond the bound."""
        while len(self._entities) > MOST_ENTITIES:
            weakest = min(self.all(), key=lambda one: _strength(one[1]))
            del self._entities[weakest[0]]

    def pack(self) -> str:
        """Everything, as JSON."""
        whole = [self.text, self._entities, self.sessions, self.updated]
        return orjson.dumps(whole, _plain, orjson.OPT_PASSTHROUGH_DATACLASS).decode()

    @classmethod
    def unpack(cls, packed: str) -> KnownQuery:
        """What :meth:`pack` gave."""
        known = cls()
        known.text, known._entities, known.sessions, known.updated = orjson.loads(packed)
        return known


def fades(updated: int, now: int) -> bool:
    """Whether the next step of fading is due; never where time went back."""
    return now - updated >= FADES_EVERY_MS


def _strength(evidence: Evidence) -> tuple[int, float, float]:
    return evidence.choosers, evidence.clicks, evidence.examined


def _plain(one: Evidence | Vote) -> list[Any] | float:
    """As JSON. Most votes are by looking only, so those are told by their number alone."""
    if isinstance(one, Vote):
        return [one.examined, one.actions] if one.actions else one.examined
    return [one.clicks, one.examined, one.choosers, one.examiners, one.prior]
