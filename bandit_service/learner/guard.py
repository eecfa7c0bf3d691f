"""Against poisoned feedback: how much one session, and one client, can teach.

An **act** is a search to learn from or an event with a grade. A **client** is a device or an
address, known by a keyed hash; many sessions can be one client's. Everything goes by journal time:

* A session or client may do so many acts a window; what is above is held out of learning.
* Whoever does a fifth of that within a minute is no person: **quarantined**, held out altogether
  until a whole window has passed since the rate was last exceeded.
* Votes are counted by **voice**. The first sessions of a client have a voice of their own, all its
  others share one: so one client never has more than ``voices`` of them.
* One voice teaches the policy at most ``same`` times a window by choosing the same entity.

Who gives neither session nor user nor client can be told from nobody, and is not limited.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin.errors import InvalidRequest

BURST_MS = 60_000
BURST_SHARE = 5
MOST_ACTORS = 20_000
"""Sessions and clients that were active within a window; and, apart from them, clients whose
sessions are remembered: the latest."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``session_acts``, ``client_acts``: per ``window_ms``. ``voices`` of one client, 1 or more:
    fewer than the sessions by which others see an entity rise or sink, so that nobody moves it
    alone."""

    window_ms: int = 1_800_000
    session_acts: int = 300
    client_acts: int = 3_000
    voices: int = 1
    same: int = 3

    def __post_init__(self) -> None:
        if min(self.window_ms, self.session_acts, self.client_acts, self.voices, self.same) < 1:
            raise InvalidRequest("limits of what one session or client can teach must be 1 or more")


@dataclass(slots=True)
class _Actor:
    """Since ``window`` (journal time) ``acts``, since ``minute`` ``burst``; ``taught``: entity →
    choices in this window that taught the policy; quarantined before ``held_until``."""

    latest: int
    window: int
    minute: int
    acts: int = 0
    burst: int = 0
    held_until: int = 0
    taught: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> list[Any]:
        """Everything, as plain JSON."""
        numbers = [self.latest, self.window, self.minute, self.acts, self.burst, self.held_until]
        return [*numbers, self.taught]


class Guard:
    """Counts acts. A plain value with methods: the same calls give the same state and bytes.

    ``quarantines`` is how often somebody was quarantined, ever.
    """

    def __init__(self) -> None:
        self._actors: OrderedDict[str, _Actor] = OrderedDict()  # the longest idle first
        # Client → its sessions with a voice of their own.
        self._voices: OrderedDict[str, list[str]] = OrderedDict()
        self.quarantines = 0

    def admit(self, session: str, client: str, now: int, limits: Limits) -> bool:
        """Count an act ("" is nobody); False where it is to be held out of learning."""
        self._drop_idle(now, limits)
        by_session = self._act(session, limits.session_acts, now, limits)
        by_client = self._act(client, limits.client_acts, now, limits)
        return by_session and by_client

    def holds(self, session: str, client: str, now: int) -> bool:
        """Whether one of them is in quarantine."""
        actors = (self._actors.get(session), self._actors.get(client))
        return any(actor is not None and now < actor.held_until for actor in actors)

    def voice(self, session: str, client: str, limits: Limits) -> str:
        """By whose voice ``session`` votes at that ``client``; "" for nobody's."""
        if not client:
            return session
        own = self._voices.pop(client, [])
        self._voices[client] = own
        if len(self._voices) > MOST_ACTORS:
            del self._voices[next(iter(self._voices))]
        if session and session not in own and len(own) < limits.voices - 1:
            own.append(session)
        return session if session in own else client

    def teaches(self, voice: str, entity: str, now: int, limits: Limits) -> bool:
        """Count that ``voice`` chose ``entity``; whether the policy may learn from it."""
        if not voice:
            return True
        actor = self._of(voice, now, limits)
        times = actor.taught.get(entity, 0)
        if times >= limits.same:
            return False
        actor.taught[entity] = times + 1
        return True

    def quarantined(self, now: int) -> int:
        """How many sessions and clients are in quarantine."""
        return sum(now < actor.held_until for actor in self._actors.values())

    def known(self) -> set[str]:
        """Every session, user and client that something is known of."""
        return {
            *self._actors,
            *self._voices,
            *(one for own in self._voices.values() for one in own),
        }

    def forget(self, who: str) -> None:
        """Drop what is known of a session, user or client."""
        self._actors.pop(who, None)
        self._voices.pop(who, None)
        for own in self._voices.values():
            if who in own:
                own.remove(who)

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON in a fixed order."""
        return {
            "actors": {who: actor.to_json() for who, actor in self._actors.items()},
            "voices": self._voices,
            "quarantines": self.quarantines,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Guard:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        guard = cls()
        for who, (latest, window, minute, acts, burst, held, taught) in data["actors"].items():
            guard._actors[who] = _Actor(latest, window, minute, acts, burst, held, dict(taught))
        guard._voices.update((client, list(own)) for client, own in data["voices"].items())
        guard.quarantines = int(data["quarantines"])
        return guard

    def _act(self, who: str, most: int, now: int, limits: Limits) -> bool:
        if not who:
            return True
        actor = self._of(who, now, limits)
        actor.acts += 1
        if now - actor.minute >= BURST_MS:
            actor.minute, actor.burst = now, 0
        actor.burst += 1
        if actor.burst > max(1, most // BURST_SHARE):
            self.quarantines += now >= actor.held_until
            actor.held_until = now + limits.window_ms
        return actor.acts <= most and now >= actor.held_until

    def _of(self, who: str, now: int, limits: Limits) -> _Actor:
        actor = self._actors.pop(who, None) or _Actor(now, now, now)
        self._actors[who] = actor
        actor.latest = now
        if now - actor.window >= limits.window_ms:
            actor.window, actor.acts, actor.taught = now, 0, {}
        return actor

    def _drop_idle(self, now: int, limits: Limits) -> None:
        while self._actors:
            who, actor = next(iter(self._actors.items()))
            idle = now - actor.latest >= limits.window_ms and now >= actor.held_until
            if not idle and len(self._actors) <= MOST_ACTORS:
                break
            del self._actors[who]
