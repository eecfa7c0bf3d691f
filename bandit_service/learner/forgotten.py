"""Who is forgotten: the part of the learner's state by which nobody comes back.

An order to forget does not carry the hash of whom it is about, only a digest of that hash: else the
order itself would be the last trace. What somebody did until the order was given is erased from the
journal; what was still under way in a spool arrives later, and is known by this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from bandit_service.journal.entries import Entry

MOST_ORDERS = 10_000
"""Orders that are remembered, those of the latest time."""


def digest_of(who: str) -> str:
    """What an order says of whom to forget. ``who`` is a keyed hash of a user or session."""
    return hashlib.blake2b(who.encode(), digest_size=16, person=b"ltrr-forgotten").hexdigest()


def named_by(whose: str, known: Iterable[str]) -> list[str]:
    """Which of the ``known`` hashes the digest ``whose`` is about."""
    return [who for who in known if who and digest_of(who) == whose]


class Forgotten:
    """Orders to forget: digest → when the latest was given (epoch ms, as it was recorded)."""

    def __init__(self) -> None:
        self._orders: dict[str, int] = {}
        self._latest = -1

    def add(self, whose: str, at: int) -> None:
        """Remember that ``whose`` entries until ``at`` are to be forgotten."""
        self._orders[whose] = max(at, self._orders.get(whose, -1))
        self._latest = max(self._latest, at)
        if len(self._orders) > MOST_ORDERS:
            del self._orders[min(self._orders, key=lambda one: (self._orders[one], one))]

    def covers(self, entry: Entry | None) -> bool:
        """Whether ``entry`` is one that should not be there any more."""
        if entry is None or entry.recorded_at > self._latest:
            return False
        return any(
            who and entry.recorded_at <= self._orders.get(digest_of(who), -1)
            for who in (entry.user, entry.session)
        )

    def to_json(self) -> dict[str, int]:
        """Everything, as plain JSON in a fixed order, whichever order was known first."""
        return dict(sorted(self._orders.items()))

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> Forgotten:
        """What :meth:`to_json` gave. Raises TypeError or ValueError for anything else."""
        forgotten = cls()
        for whose, at in data.items():
            forgotten.add(str(whose), int(at))
        return forgotten
