"""Evidence that may be looked at after every page: is the model no worse than the blend?

A confidence sequence holds at all times at once with probability 1 − α, so that stopping when it
looks good is no mistake. This one is the predictable plug-in empirical-Bernstein sequence:
Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting", JRSS-B 2024,
theorem 2. It makes no assumption but that outcomes are bounded and that their mean, given the past,
stays what it is.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final, Literal

from plugin.errors import InvalidRequest

Verdict = Literal["no worse", "worse", "waiting"]

ALPHA: Final = 0.05
WIDE, NARROW = 0.5, 0.05
"""Shares of the pages that are interleaved until evidence says that what is new is no worse, and
from then on."""
_MOST_BET: Final = 0.5


@dataclass(slots=True)
class Interval:
    """The confidence sequence of the mean of outcomes within −1..1. O(1) in time and memory."""

    alpha: float = ALPHA
    count: int = 0
    _total: float = 0.0
    _spread: float = 0.0
    _bets: float = 0.0
    _won: float = 0.0
    _paid: float = 0.0

    def add(self, outcome: float) -> None:
        """Take in one outcome (−1..1).

        Raises:
            InvalidRequest: it is not within −1..1.
        """
        if not -1 <= outcome <= 1:
            raise InvalidRequest(f"an outcome must be within -1..1, not {outcome}")
        x = (outcome + 1) / 2
        before = (0.5 + self._total) / (self.count + 1)
        variance = (0.25 + self._spread) / (self.count + 1)
        self.count += 1
        wanted = 2 * math.log(2 / self.alpha)
        bet = math.sqrt(wanted / (variance * self.count * math.log1p(self.count)))
        bet = min(bet, _MOST_BET)
        self._bets += bet
        self._won += bet * x
        self._paid += (x - before) ** 2 * (-math.log1p(-bet) - bet)
        self._total += x
        after = (0.5 + self._total) / (self.count + 1)
        self._spread += (x - after) ** 2

    def to_json(self) -> dict[str, float]:
        """Everything, as plain JSON; ``Interval(**...)`` is it again."""
        return asdict(self)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound of the mean (−1..1)."""
        if not self.count:
            return -1.0, 1.0
        middle = self._won / self._bets
        width = (math.log(2 / self.alpha) + self._paid) / self._bets
        low, high = (2 * bound - 1 for bound in (middle - width, middle + width))
        return max(-1.0, low), min(1.0, high)

    def verdict(self, margin: float) -> Verdict:
        """``no worse``: the mean is above −``margin``; ``worse``: it is below 0."""
        low, high = self.bounds
        if low > -margin:
            return "no worse"
        return "worse" if high < 0 else "waiting"
