"""How much an Explorer may try out, and spend: settings, checked once."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.errors import InvalidRequest

CAP = 0.99
"""No strategy runs more certainly than this, so that doing without it is tried as well."""
LEAST_SPENT = 0.1
"""The share of the candidates that is drawn at a quality of 0."""
PRICE = 0.5
"""At a quality of .5, a strategy after half of the cost runs 1/(1 + PRICE/2) times as often."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the Explorer may do; probabilities, all in 0..1 but ``most_greed`` and ``trust``.

    ``trust`` is how many learnt pages outweigh the prior of a strategy; ``faint`` the least say in
    the blend of a strategy that runs, relative to the best, so that what it finds can be seen;
    ``raised`` the floor of a strategy that seems to have changed. ``apprentice``: the baseline is
    served and only values are learnt. ``quality`` is the dial between quality (1) and cost (0).
    """

    floor: float = 0.03
    cap: float = CAP
    everything: float = 0.05
    holdout: float = 0.02
    budget: int = 200
    most_greed: float = 5.0
    trust: float = 20.0
    faint: float = 0.04
    raised: float = 0.2
    apprentice: bool = False
    quality: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.cap <= 1:
            raise InvalidRequest("exploration needs 0 <= floor <= cap <= 1 (LTRR_FLOOR)")
        if self.everything < 0 or self.holdout < 0 or self.everything + self.holdout > 1:
            raise InvalidRequest("LTRR_EVERYTHING and LTRR_HOLDOUT together must be within 0..1")
        if self.budget < 1:
            raise InvalidRequest("LTRR_CANDIDATES must be 1 or more")
        if not 0 <= self.quality <= 1:
            raise InvalidRequest("LTRR_QUALITY must be within 0..1")

    @property
    def spent(self) -> int:
        """How many candidates a query may draw: all at a quality of 1, never fewer at a higher."""
        return max(1, round(self.budget * (LEAST_SPENT + (1 - LEAST_SPENT) * self.quality)))

    @property
    def price(self) -> float:
        """What a strategy pays for the cost before it: 0 at a quality of 1, never less at a lower.

        PRICE·((1 − quality)/quality)², without an end towards 0: the dial cuts first how deep
        strategies are drawn from, which costs hardly any quality, and then which run at all.
        """
        return PRICE * ((1 - self.quality) / max(self.quality, 1e-3)) ** 2
