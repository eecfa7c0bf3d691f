"""What each user chose, as weights that fade: known by a keyed hash only, bounded, forgettable.

A choice adds its grade (−1..1) to the weight of its entity; all weights of a user halve every
HALF_LIFE_MS of journal time. What somebody wants is told by proportions, which fading alone does
not change: a user who is away needs no attention.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bandit_service.fading import kept

HALF_LIFE_MS = 30 * 24 * 3_600_000
MOST_ENTITIES = 64
MOST_USERS = 100_000
MOST_PAIRS = 500_000
"""Weights over all users: what a snapshot can carry."""
LARGEST = 2.0
"""Where a weight ends: choosing one thing over and over must not hide everything else."""
FAINT = 0.01


@dataclass(slots=True)
class Tastes:
    """Of one user: entity → weight at ``updated`` (journal time), the latest choice last."""

    updated: int = 0
    weights: dict[str, float] = field(default_factory=dict)


class Users:
    """All users. A plain value with methods: the same calls give the same state and bytes.

    ``changed`` collects the users whose record moved or went, for the projection to take away; it
    is no part of the state.
    """

    def __init__(self) -> None:
        self._users: OrderedDict[str, Tastes] = OrderedDict()  # the longest idle first
        self._pairs = 0
        self.changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._users)

    def __iter__(self) -> Iterator[str]:
        """Every known user, the longest idle first."""
        return iter(self._users)

    def of(self, user: str) -> Tastes | None:
        """The record of a user; not to be changed."""
        return self._users.get(user)

    def act(self, user: str, entity: str, grade: float, now: int) -> None:
        """``user`` did something with ``entity`` that is worth ``grade`` (−1..1)."""
        tastes = self._users.pop(user, None) or Tastes(now)
        self._users[user] = tastes
        self._pairs -= len(tastes.weights)
        faded = kept(now - tastes.updated, HALF_LIFE_MS)
        tastes.updated = max(now, tastes.updated)
        weights = {one: weight * faded for one, weight in tastes.weights.items()}
        moved = min(LARGEST, max(-1.0, weights.pop(entity, 0.0) + grade))
        weights = {one: weight for one, weight in weights.items() if abs(weight) >= FAINT}
        if len(weights) >= MOST_ENTITIES:
            del weights[min(weights, key=lambda one: abs(weights[one]))]
        tastes.weights = {**weights, entity: moved}
        self._pairs += len(tastes.weights)
        self.changed[user] = None
        while len(self._users) > MOST_USERS or (self._pairs > MOST_PAIRS and len(self._users) > 1):
            self.forget(next(iter(self._users)))

    def forget(self, user: str) -> bool:
        """Drop a user; False where there was nothing. Its projection is to go in either case."""
        self.changed[user] = None
        dropped = self._users.pop(user, None)
        self._pairs -= len(dropped.weights) if dropped else 0
        return dropped is not None

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON in a fixed order."""
        return {user: [one.updated, one.weights] for user, one in self._users.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Users:
        """What :meth:`to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        users = cls()
        for user, (updated, weights) in data.items():
            users._users[user] = Tastes(
                int(updated), {entity: float(weight) for entity, weight in weights.items()}
            )
            users._pairs += len(weights)
        return users
