"""Whether estimates can be trusted, where a simulation knows the truth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from scipy.stats import kendalltau

from bandit_service.evaluation.off_policy.intervals import Interval


def coverage(intervals: Iterable[Interval | None], truth: float) -> float:
    """The share (0..1) of runs whose interval holds ``truth``; a refusal is no answer and does not
    count. NaN where all refused."""
    answers = [low <= truth <= high for low, high in (one for one in intervals if one)]
    return sum(answers) / len(answers) if answers else math.nan


def kendall_tau(estimates: Mapping[str, float], truths: Mapping[str, float]) -> float:
    """Kendall's τ-b (−1..1) between two rankings of the same policies: 1 where they agree."""
    names = sorted(truths)
    return float(kendalltau([estimates[name] for name in names], [truths[n] for n in names])[0])
