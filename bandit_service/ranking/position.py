"""Who looks where, estimated from the coins of interleaved pages.

Where model and blend would each draft another entity, a coin decides which of the two comes first:
either stands at either of two neighbouring places as often, so what is chosen more often at the
upper place is chosen there because of the place (intervention harvesting: Agarwal et al.,
"Estimating Position Bias without Intrusive Interventions", WSDM 2019; here the interventions are
random by making, so nothing has to be assumed of why places changed).

The share of people who look at place k is taken to be k^−η, η by maximum a posteriori: of the
choices at the pair (k, k + 1) the share (k + 1)^η / (k^η + (k + 1)^η) is expected at the upper one.
Until there is evidence, it is the prior's mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bandit_service.ranking.examples import Examination

PRIOR_ETA: Final = 0.7
"""Joachims et al. 2017 estimate it between .5 and 1."""
_PRIOR_SPREAD: Final = 0.3
_GRID: Final = np.linspace(0.0, 2.0, 201)
_MOST_PLACES: Final = 100


@dataclass(slots=True)
class Swaps:
    """Choices at neighbouring places that a coin might have swapped: upper place (from 1) →
    [chosen at the upper, chosen at the lower]."""

    counts: dict[int, list[int]] = field(default_factory=dict)

    def add(self, upper: int, *, first: bool, second: bool) -> None:
        """Of one such pair, which were chosen."""
        if (first or second) and 1 <= upper <= _MOST_PLACES:
            count = self.counts.setdefault(upper, [0, 0])
            count[0] += first
            count[1] += second

    @property
    def chosen(self) -> int:
        """How many choices there are to estimate from."""
        return sum(map(sum, self.counts.values()))

    def eta(self) -> float:
        """The exponent that explains the choices best, within 0..2."""
        loss = (_GRID - PRIOR_ETA) ** 2 / (2 * _PRIOR_SPREAD**2)
        for upper, (first, second) in sorted(self.counts.items()):
            odds = _GRID * np.log((upper + 1) / upper)
            # −log σ(odds) and −log σ(−odds)
            loss += first * np.logaddexp(0.0, -odds) + second * np.logaddexp(0.0, odds)
        return float(_GRID[int(np.argmin(loss))])

    def examination(self) -> Examination:
        """Position → share of people who look there, as it is estimated now."""
        eta = self.eta()
        return lambda position: float(max(1, position) ** -eta)


def pairs_on_page(
    swappable: Sequence[tuple[str, str]], positions: dict[str, int]
) -> list[tuple[str, str, int]]:
    """Of the pairs that were drafted by a coin, those that still stand one below the other, with
    the place of the upper one: what was rearranged since, no coin placed."""
    return [
        (first, second, positions[first])
        for first, second in swappable
        if first in positions and positions.get(second) == positions[first] + 1
    ]
