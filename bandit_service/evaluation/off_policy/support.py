"""Whether the log can answer at all: an estimate from weights that never met is worse than none."""

from __future__ import annotations

from typing import Final

import numpy as np

from bandit_service.evaluation.off_policy.estimators import effective_size
from bandit_service.evaluation.off_policy.weights import Floats

LEAST_EFFECTIVE: Final = 100.0
"""Effective examples below which an interval means nothing."""
MOST_UNSEEN: Final = 0.01
"""Probability of doing what the logger never does, beyond which estimates are biased."""
LEAST_MEAN: Final = 0.8
"""A mean weight should be 1; below this, what the policy does has hardly been seen."""


def refusal(weights: Floats, unseen: Floats) -> str | None:
    """Why the log cannot answer, and what to do; None where it can."""
    share = float(unseen.mean())
    if share > MOST_UNSEEN:
        return (
            f"in {share:.0%} of cases it does what the log never tried: explore it first "
            "(LTRR_FLOOR, LTRR_EVERYTHING)"
        )
    effective = effective_size(weights)
    if effective < LEAST_EFFECTIVE:
        return (
            f"only {effective:.0f} of {weights.size} queries speak for it (at least "
            f"{LEAST_EFFECTIVE:.0f} must): log more, or with more exploration"
        )
    mean, error = float(weights.mean()), float(weights.std()) / np.sqrt(weights.size)
    if mean < LEAST_MEAN or abs(mean - 1) > 5 * error + 1e-9:
        return f"its weights average {mean:.2f} instead of 1: what it does was hardly ever logged"
    return None
