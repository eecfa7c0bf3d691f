"""Whether the log can answer at all: an estimate from weights that never met is worse than none."""

from __future__ import annotations

import numpy as np

from bandit_service.evaluation.off_policy.estimators import effective_size
from bandit_service.evaluation.off_policy.weights import Floats
from bandit_service.policies.foretelling import LEAST_EFFECTIVE, LEAST_MEAN, MOST_UNSEEN


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
