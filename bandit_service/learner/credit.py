"""What an action is worth, and which strategies earned it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from plugin.errors import InvalidRequest

REWARD = "reward"
"""The action whose grade the caller states: see ``/_ltrr/reward``."""

OPINIONS = frozenset({"like", "favourite", "dislike", REWARD})
"""What somebody says about an entity, against what they merely do with it."""


def _usual() -> dict[str, float]:
    return {
        "impression": 0.0,
        "skip": -0.3,
        "click": 0.6,
        "play": 0.6,
        "like": 0.9,
        "favourite": 1.0,
        "dislike": -1.0,
    }


@dataclass(frozen=True, slots=True)
class Grades:
    """The one scale of actions, from −1 (never again) to 1 (exactly that).

    A play of known length is worth between ``short_play`` and ``long_play``, the latter from
    ``long_play_ms`` on, and a reward what was stated. An action that is not in ``actions`` is
    worth nothing.
    """

    actions: Mapping[str, float] = field(default_factory=_usual)
    short_play: float = 0.2
    long_play: float = 0.8
    long_play_ms: int = 30_000

    def __post_init__(self) -> None:
        for action, grade in self.actions.items():
            if not -1 <= grade <= 1:
                raise InvalidRequest(f"the grade of {action!r} must be within -1..1, not {grade}")
        if not -1 <= self.short_play <= self.long_play <= 1 or self.long_play_ms < 1:
            raise InvalidRequest(
                "a short play must be worth no more than a long one, both within -1..1"
            )

    @property
    def digest(self) -> str:
        """Names the scale by what it says: what was learnt with another one does not fit."""
        said = [sorted(self.actions.items()), self.short_play, self.long_play, self.long_play_ms]
        return hashlib.sha256(orjson.dumps(said)).hexdigest()[:12]

    def of(self, action: str, dwell_ms: float | None, value: float | None = None) -> float:
        """The grade of one action; ``value`` is what its event states."""
        if action == REWARD:
            return min(1.0, max(-1.0, value or 0.0))
        if action == "play" and dwell_ms is not None and dwell_ms >= 0:
            played = min(1.0, dwell_ms / self.long_play_ms)
            return self.short_play + played * (self.long_play - self.short_play)
        return self.actions.get(action, 0.0)


def note(actions: dict[str, float], action: str, grade: float) -> None:
    """Add one action to what a session did with an entity: action → grade, the latest last.

    The same action again counts once, with its best grade; of stated rewards the last one counts.
    """
    earlier = actions.pop(action, None)
    actions[action] = grade if earlier is None or action == REWARD else max(earlier, grade)


def combined(actions: Mapping[str, float]) -> float:
    """The grade (−1..1) of everything one session did with one entity: action → grade, in order.

    The last opinion decides. Without one, the best that was done and the worst add up.
    """
    opinions = [grade for action, grade in actions.items() if action in OPINIONS]
    if opinions:
        return opinions[-1]
    best = max([0.0, *actions.values()])
    worst = min([0.0, *actions.values()])
    return best + worst


def divide(
    ranks: Mapping[str, int], included: Mapping[str, bool], grade: float
) -> dict[str, float]:
    """Credit (0..1) of each strategy that ran, for a choice worth ``grade`` (0..1).

    ``ranks``: strategy → rank (from 1) at which it had returned the chosen entity. ``included``:
    the strategies that ran, True where they answered; those that failed learn nothing.
    A strategy earns 1/(1 + .3·(rank − 1)), divided by the sum over all that returned the entity
    where that sum is above 1, so that together they earn ``grade`` at most (from our own offline
    study: .568 nDCG@10 against .565 undivided and .559 for a whole page). One that answered
    without the entity earned 0.
    """
    earned = {
        strategy: 1 / (1 + 0.3 * (ranks[strategy] - 1))
        for strategy in included
        if strategy in ranks and ranks[strategy] >= 1
    }
    total = max(1.0, sum(earned.values()))
    worth = min(1.0, max(0.0, grade))
    return {
        strategy: worth * earned.get(strategy, 0.0) / total
        for strategy, answered in included.items()
        if answered
    }
