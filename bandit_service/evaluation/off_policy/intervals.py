"""Intervals around estimates; sessions are drawn as a whole, as their queries are alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bandit_service.evaluation.off_policy.estimators import Terms
from bandit_service.evaluation.off_policy.weights import Floats

RESAMPLES: Final = 1000
Interval = tuple[float, float]


def bootstrap(
    several: Sequence[Terms], sessions: NDArray[np.int64], *, level: float = 0.95, seed: int = 1
) -> list[Interval]:
    """The percentile interval of the bootstrap by session (Efron 1979; Field & Welsh 2007), for
    each of ``several`` estimates over the same resamples.

    ``sessions`` numbers the session of each example, from 0.
    """
    if not several:
        return []
    parts = [np.bincount(sessions, part) for one in several for part in (one.top, one.bottom)]
    sums = np.column_stack(parts)
    rng = np.random.default_rng(seed)
    count = sums.shape[0]
    drawn = np.asarray(
        [
            np.bincount(rng.integers(0, count, count), minlength=count) @ sums
            for _ in range(RESAMPLES)
        ]
    )
    ends = [(1 - level) / 2, (1 + level) / 2]
    intervals = []
    for top, bottom in zip(drawn.T[::2], drawn.T[1::2], strict=True):
        known = bottom != 0
        low, high = np.quantile(top[known] / bottom[known], ends)
        intervals.append((float(low), float(high)))
    return intervals


def empirical_bernstein(
    values: Floats, low: float, high: float, *, level: float = 0.95
) -> Interval:
    """Audibert, Munos & Szepesvári (2009), theorem 1: for independent ``values`` within low..high,

    |mean − truth| ≤ √(2·V·ln(3/δ)/n) + 3·(high − low)·ln(3/δ)/n   with probability 1 − δ

    whatever their distribution.
    """
    told = math.log(3 / (1 - level))
    width = math.sqrt(2 * float(values.var()) * told / values.size)
    width += 3 * (high - low) * told / values.size
    middle = float(values.mean())
    return middle - width, middle + width


def by_session(terms: Terms, sessions: NDArray[np.int64]) -> tuple[Floats, float]:
    """The sums of each session over the mean number of its examples: independent values with the
    same mean as the terms; and the most examples of a session over that mean number."""
    sizes = np.bincount(sessions)
    mean = sessions.size / sizes.size
    return np.bincount(sessions, terms.top) / mean, float(sizes.max()) / mean
