"""Which of two policies foretells better what strategies earn, told from every page of the journal.

Progressive validation (Blum, Kalai, Langford, "Beating the hold-out", COLT 1999): before either
learns from a page, both foretell the credits of the strategies that ran. Squared errors weigh
1/propensity, so that strategies that seldom run count as if they always had. Unlike what a whole
subset of two dozen strategies would have earned, this can be told from any log that explores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bandit_service.policies.base import Features
from bandit_service.ranking.gates import Interval, Verdict

LEAST_EFFECTIVE: Final = 100.0
"""Effective examples below which an interval means nothing."""
MOST_UNSEEN: Final = 0.01
"""Probability of what the logger never does, beyond which estimates are biased."""
LEAST_MEAN: Final = 0.8
"""A mean weight should be 1; below this, what is asked about has hardly been seen."""


@dataclass(slots=True)
class Foretelling:
    """``gain``: by how much the challenger's error is smaller on a page, in the mean over its
    strategies; the few differences beyond 1, by what hardly ever runs, count as 1. ``error`` sums
    the incumbent's over pages; the others what is needed to refuse."""

    gain: Interval = field(default_factory=Interval)
    error: float = 0.0
    pages: int = 0
    weights: float = 0.0
    squares: float = 0.0
    unseen: float = 0.0

    def add(
        self, credits: Features, chances: Features, incumbent: Features, challenger: Features
    ) -> None:
        """One page: what those earned that ran, and what both had foretold of them.

        ``chances``: the probability of running of every strategy that was eligible, at least one. A
        page of which nobody can say what any strategy earned counts with the weight 0.
        """
        known = {name: 1 / chances[name] for name in credits if chances.get(name, 0.0) > 0}
        self.pages += 1
        weight = sum(known.values()) / len(chances)
        self.weights += weight
        self.squares += weight * weight
        self.unseen += sum(chance <= 0 for chance in chances.values()) / len(chances)
        errors = [
            sum(known[name] * (told[name] - credits[name]) ** 2 for name in known) / len(chances)
            for told in (incumbent, challenger)
        ]
        self.error += errors[0]
        self.gain.add(min(1.0, max(-1.0, errors[0] - errors[1])))

    @property
    def refused(self) -> str | None:
        """Why the journal cannot tell; None where it can."""
        if not self.pages or self.unseen / self.pages > MOST_UNSEEN:
            return "strategies were eligible that never run: explore first (LTRR_FLOOR)"
        effective = self.weights**2 / self.squares if self.squares else 0.0
        if effective < LEAST_EFFECTIVE:
            return f"only {effective:.0f} pages speak (at least {LEAST_EFFECTIVE:.0f} must)"
        if self.weights / self.pages < LEAST_MEAN:
            return f"the weights average {self.weights / self.pages:.2f} instead of 1"
        return None

    def verdict(self, margin: float) -> Verdict | None:
        """``worse``: the challenger's error is larger by more than the share ``margin`` of the
        incumbent's; None where the journal cannot tell."""
        if self.refused:
            return None
        allowed = margin * self.error / self.pages
        low, high = self.gain.bounds
        if high < -allowed:
            return "worse"
        return "no worse" if low > -allowed else "waiting"

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        return {
            "gain": self.gain.to_json(),
            "error": self.error,
            "pages": self.pages,
            "weights": self.weights,
            "squares": self.squares,
            "unseen": self.unseen,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Foretelling:
        """What :meth:`to_json` gave. Raises KeyError or TypeError for anything else."""
        return cls(**{**data, "gain": Interval(**data["gain"])})
