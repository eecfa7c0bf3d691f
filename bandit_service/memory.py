"""Query → entity memory (Q2E): what people chose for this very query before.

    score = (clicks + prior) / (examinations + 1)

``clicks`` are graded; an entity seen at position n counts 1/n^0.7 of an examination (Joachims et
al. 2017 estimate the exponent between .5 and 1); ``prior`` is the score predicted at ingest where
there was one, else the running click rate over everything. One session has one vote per query,
entity and action, so that repeating oneself changes nothing.

Clicks and examinations fade by a half-life of journal time: what is wanted now wins over what was
wanted, and without anything new a score goes back to its prior. A query fades when it is touched;
what was published of one that nobody asks any more stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bandit_service.fading import kept
from bandit_service.known_query import Evidence, KnownQuery, Vote, Votes, fades
from bandit_service.learner.credit import combined, note
from bandit_service.shelf import Shelf

MOST_KEYS = 50_000
HALF_LIFE_MS = 90 * 24 * 3_600_000
"""Unless another is given."""
# The click rate before anything is known, and how many examinations that is worth.
_RATE, _RATE_WEIGHT = 0.1, 20.0


def examination(position: int) -> float:
    """The share (0..1) of people who look at ``position`` (1 is the top)."""
    return float(max(1, position) ** -0.7)


def lookers(sessions: int) -> int:
    """How many sessions must have passed an entity over before others see it sink, where
    ``sessions`` must choose one before they see it rise: one fewer, for what nobody wants stands in
    the way of what was not tried yet; never one alone, unless one may do anything."""
    return min(sessions, max(2, sessions - 1))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the memory index holds of one query: ``text`` is None until enough sessions chose.
    ``seen``: entities with their clicks, and how often somebody looked at them."""

    references: tuple[tuple[str, float], ...]
    text: str | None
    observed: float
    seen: tuple[tuple[str, float, float], ...] = ()


class Memory:
    """All evidence. A plain value with methods: the same calls give the same state and bytes.

    ``changed`` collects the keys whose evidence moved, for the projection to take and clear; it is
    no part of the state.
    """

    def __init__(self) -> None:
        self._keys: Shelf[KnownQuery] = Shelf(KnownQuery.pack, KnownQuery.unpack)
        # What _touch gave last: a page touches its query once for each entity that it shows.
        self._last: tuple[str, str, KnownQuery, Votes] | None = None
        self._clicks = 0.0
        self._examined = 0.0
        # Journal time, up to when the two sums above have faded, and by which half-life.
        self._now = self._updated = 0
        self._half_life_ms = HALF_LIFE_MS
        self.changed: set[str] = set()

    @property
    def rate(self) -> float:
        """Clicks per examination over everything, smoothed."""
        return max(0.0, self._clicks + _RATE * _RATE_WEIGHT) / (self._examined + _RATE_WEIGHT)

    def advance(self, now: int, half_life_ms: int) -> None:
        """It is ``now`` (journal time, epoch milliseconds): what is touched from here on fades up
        to it first."""
        self._now, self._half_life_ms = now, half_life_ms
        if fades(self._updated, now):
            faded = kept(now - self._updated, half_life_ms)
            self._updated = now
            self._clicks *= faded
            self._examined *= faded

    def keys(self) -> Iterator[str]:
        """Every query key with evidence, the longest unused first."""
        return iter(self._keys)

    def evidence(self, key: str, entity: str) -> Evidence:
        """A copy of the evidence of one pair; empty where there is none."""
        known = self._keys.look(key)
        return Evidence() if known is None else replace(known.find(entity))

    def name(self, key: str, text: str) -> None:
        """Say what text ``key`` stands for; kept only while there is evidence for the key."""
        known = self._keys.look(key)
        if known is not None and not known.text and text:
            known.text = text
            self._keys.change(key, known)
            self._last = None

    def show(
        self, key: str, session: str, entity: str, position: int, prior: float | None = None
    ) -> float:
        """``entity`` was shown at ``position`` (from 1) to ``session`` ("" is anybody).

        Returns how much was examined by that beyond what this session had examined before.
        """
        known, vote, evidence = self._touch(key, session, entity)
        if prior is not None and evidence.prior is None and not evidence.examiners:
            # Only at the first sight: later on it is our own score that comes back.
            evidence.prior = min(1.0, max(0.0, prior))
        more = max(0.0, examination(position) - vote.examined)
        if more:
            evidence.examiners += vote.examined == 0
            evidence.examined += more
            self._examined += more
            vote.examined += more
        known.trim()
        return more

    def hide(self, key: str, session: str, entity: str, examined: float) -> None:
        """It was not looked at after all: take back what :meth:`show` returned."""
        known, vote, evidence = self._touch(key, session, entity)
        taken = min(examined, vote.examined)
        # What has faded since cannot be taken back.
        evidence.examined = max(0.0, evidence.examined - taken)
        self._examined = max(0.0, self._examined - taken)
        vote.examined -= taken
        evidence.examiners -= taken > 0 and vote.examined == 0
        known.trim()

    def vote(self, key: str, session: str, entity: str, action: str, grade: float) -> None:
        """``session`` did ``action`` with ``entity``, worth ``grade`` (−1..1)."""
        known, vote, evidence = self._touch(key, session, entity)
        before = combined(vote.actions)
        note(vote.actions, action, grade)
        now = combined(vote.actions)
        # What has faded since cannot be taken back: by that alone nothing falls below 0.
        least = min(0.0, evidence.clicks, now)
        moved = max(now - before, least - evidence.clicks)
        evidence.clicks += moved
        self._clicks += moved
        if session:
            evidence.choosers += (now > 0) - (before > 0)
        known.trim()

    def voices(self) -> set[str]:
        """Who is known to have looked or voted."""
        return {session for _, known in self._each() for session in known.sessions}

    def forget(self, session: str) -> None:
        """Drop who voted; the votes stay counted."""
        self._last = None
        for key, known in self._each():
            if known.sessions.pop(session, None) is not None:
                self._keys.change(key, known)

    def score(self, key: str, entity: str) -> float:
        """The score (0..1) of a pair, from all evidence."""
        return self._score(self.evidence(key, entity))

    def remembered(self, key: str, sessions: int) -> Remembered | None:
        """What others may see of ``key``, or None: entities that ``sessions`` distinct sessions
        chose; and predicted ones that as many saw, which may sink but never rise by fewer. What was
        ``seen`` is told of those that so many chose, and of those that :func:`lookers` saw and few
        chose. What is between is not told: nothing is to rise by fewer, nor to sink as it is
        chosen.
        """
        known = self._keys.look(key)
        if known is None:
            return None
        references = []
        seen = []
        enough = lookers(sessions)
        chosen, observed = False, 0.0
        for entity, evidence in known.all():
            observed += evidence.examined
            score = self._score(evidence)
            if evidence.choosers >= sessions:
                chosen = True
                references.append((entity, score))
            elif evidence.prior is not None and evidence.examiners >= sessions:
                references.append((entity, min(score, evidence.prior)))
            clicks = max(0.0, evidence.clicks)
            passed_over = evidence.examiners >= enough and clicks <= self.rate * evidence.examined
            if evidence.choosers >= sessions or passed_over:
                seen.append((entity, clicks, evidence.examined))
        if not seen and not references:
            return None
        references.sort(key=lambda reference: (-reference[1], reference[0]))
        text = known.text or None if chosen else None
        return Remembered(tuple(references), text, observed, tuple(seen))

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON in a fixed order."""
        self._last = None
        return {
            "clicks": self._clicks,
            "examined": self._examined,
            "updated": self._updated,
            "keys": self._keys.packed(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Memory:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        memory = cls()
        memory._clicks = float(data["clicks"])
        memory._examined = float(data["examined"])
        memory._now = memory._updated = int(data["updated"])
        memory._keys.fill(data["keys"])
        return memory

    def _each(self) -> Iterator[tuple[str, KnownQuery]]:
        for key in list(self._keys):
            known = self._keys.look(key)
            if known is not None:
                yield key, known

    def _score(self, evidence: Evidence) -> float:
        prior = self.rate if evidence.prior is None else evidence.prior
        return min(1.0, max(0.0, evidence.clicks + prior) / (evidence.examined + 1))

    def _touch(self, key: str, session: str, entity: str) -> tuple[KnownQuery, Vote, Evidence]:
        self.changed.add(key)
        last = self._last
        if last is None or last[0] != key or last[1] != session:
            known = self._keys.use(key, lambda: KnownQuery(self._now))
            if len(self._keys) > MOST_KEYS:
                self.changed.add(self._keys.drop())
            last = self._last = (key, session, known, known.votes(session))
        _, _, known, votes = last
        known.fade(self._now, self._half_life_ms)
        return known, known.vote(votes, entity), known.evidence(entity)
