"""Estimates of a policy's value (the mean reward of a query) from weights and rewards.

Each gives one term per example; the estimate is their mean, or for SNIPS the ratio of two means.

- IPS: w·r (Horvitz & Thompson 1952).
- SNIPS: Σ w·r / Σ w (Hájek; Swaminathan & Joachims 2015).
- DR: q(x, π) + min(w, clip)·(r − q(x, S)), doubly robust and clipped (Dudík, Langford & Li 2011).
- PI: w·r with the weights of slates; PI-DR: q(x, π) + w·(r − q(x, S)) with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bandit_service.evaluation.off_policy.reward_model import Predicted
from bandit_service.evaluation.off_policy.weights import Floats, Weights

CLIP: Final = 50.0
SUBSETS: Final = ("ips", "snips", "dr")
SLATES: Final = ("pi", "pi_dr")
ESTIMATORS: Final = (*SUBSETS, *SLATES)


@dataclass(frozen=True, slots=True)
class Terms:
    """``top`` and ``bottom``: the estimate is the mean of one over the mean of the other."""

    top: Floats
    bottom: Floats

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.top.mean() / self.bottom.mean())


def terms(name: str, weights: Weights, rewards: Floats, predicted: Predicted) -> Terms:
    """The terms of one of ESTIMATORS. Raises KeyError for others."""
    ones = np.ones_like(rewards)
    rest = rewards - predicted.logged
    subset = weights.subset
    return {
        "ips": lambda: Terms(subset * rewards, ones),
        "snips": lambda: Terms(subset * rewards, subset),
        "dr": lambda: Terms(predicted.policy + np.minimum(subset, CLIP) * rest, ones),
        "pi": lambda: Terms(weights.slate * rewards, ones),
        "pi_dr": lambda: Terms(predicted.policy + weights.slate * rest, ones),
    }[name]()


def effective_size(weights: Floats) -> float:
    """Kish's effective sample size, (Σw)²/Σw²; 0 where all are 0."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0
