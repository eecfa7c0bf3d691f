"""Drift: noticing that a strategy earns otherwise than it used to.

Page's cumulative sums (Page 1954, "Continuous inspection schemes", Biometrika 41), one for each
direction, over the standardised credit of each inclusion:

    down ← max(0, down − z − SLACK),   up ← max(0, up + z − SLACK),   alarm when one is over LIMIT

With SLACK = .25 and LIMIT = 25 a strategy that falls by half a standard deviation is noticed after
about 100 inclusions, and one that does not change raises an alarm less than once in 100,000.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

SLACK: Final = 0.25
LIMIT: Final = 25.0
YOUNG: Final = 100
"""Inclusions from which mean and deviation are known well enough."""
MEMORY: Final = 2000
"""Inclusions after which earlier ones begin to be forgotten."""
WATCHED: Final = 300
"""Inclusions for which a strategy is looked at again after an alarm."""
REACH: Final = 50.0
"""Inclusions after which a value may be twice the mean, or half of it."""
_LARGEST: Final = 4.0
_LEAST_DEVIATION: Final = 0.02


@dataclass(slots=True)
class Watch:
    """Of one strategy: running mean and variance of its credit, the two sums, and since an alarm
    (``left`` > 0) what it earned before and since."""

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0
    down: float = 0.0
    up: float = 0.0
    alarms: int = 0
    left: int = 0
    before: float = 0.0
    since: int = 0
    earned: float = 0.0

    def observe(self, credit: float) -> bool:
        """Take in the credit (0..1) of one inclusion; whether that raises an alarm."""
        if self.left:
            self.left -= 1
            self.since += 1
            self.earned += credit
        gap = credit - self.mean
        alarm = self.count >= YOUNG and self._sum(gap)
        if alarm:
            self._begin_again()
            return True
        self.count = min(MEMORY, self.count + 1)
        self.mean += gap / self.count
        self.variance += (gap * (credit - self.mean) - self.variance) / self.count
        return False

    @property
    def factor(self) -> float:
        """What the value of before an alarm is still worth (0..1): 1 where nothing has fallen."""
        if not self.left or self.before <= 0:
            return 1.0
        # As much as ten inclusions speak for what was before.
        now = (self.earned + 10 * self.before) / (self.since + 10)
        return min(1.0, now / self.before)

    def within_reach(self, value: float) -> float:
        """``value`` (0..1), no further from the mean than the evidence carries.

        A model that saw a script or an intent once believes anything of the next such query. So
        what it says may be 1 + count/:data:`REACH` times as much, or as little, as was earned.
        """
        if not self.count or self.mean <= 0:
            return value
        reach = 1.0 + self.count / REACH
        return min(max(value, self.mean / reach), self.mean * reach)

    def to_json(self) -> list[Any]:
        """Everything, as plain JSON."""
        # Not by dataclasses.astuple, which copies every number deeply.
        return [getattr(self, field) for field in self.__slots__]

    def _sum(self, gap: float) -> bool:
        deviation = max(_LEAST_DEVIATION, math.sqrt(self.variance))
        z = max(-_LARGEST, min(_LARGEST, gap / deviation))
        self.down = max(0.0, self.down - z - SLACK)
        self.up = max(0.0, self.up + z - SLACK)
        return max(self.down, self.up) > LIMIT

    def _begin_again(self) -> None:
        self.alarms += 1
        self.left, self.before, self.since, self.earned = WATCHED, self.mean, 0, 0.0
        self.count, self.mean, self.variance, self.down, self.up = 0, 0.0, 0.0, 0.0, 0.0
