"""Logistic regression with an offset for the position: all there is while pages are few, and what
trees start from later."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from bandit_service.ranking.examples import Examples
from bandit_service.ranking.features import Numbers, check
from bandit_service.ranking.model import pack, unpack
from plugin.errors import BrokenState

KIND = "ranker-linear"
RIDGE: Final = 320.0
"""Chosen on a development split among 5, 20, 80, 320 and 1,280: what is served is the model's order
summed with the blend's, so that a line drawn to 0 costs little, and one led by noise much."""
_SAME: Final = 1e-9
_NEARLY_NONE: Final = 1e-3
"""So that a scale is found, too, where what is chosen is told apart completely, or not at all."""


class Linear:
    """score = Σ weight × feature + constant. See :class:`bandit_service.ranking.model.Model`."""

    def __init__(self, names: Sequence[str], weights: Sequence[float], constant: float) -> None:
        self._names = tuple(names)
        self._weights = np.asarray(weights, float)
        self._constant = float(constant)
        if self._weights.shape != (len(self._names),) or not np.isfinite(self._weights).all():
            raise BrokenState(f"the {KIND} model has other weights than names")

    @property
    def names(self) -> Sequence[str]:
        """The features, in the order of a matrix's columns."""
        return self._names

    def scores(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        found: Numbers = check(matrix) @ self._weights + self._constant
        return found

    def contributions(self, matrix: Numbers) -> Numbers:
        """See :class:`bandit_service.ranking.model.Model`."""
        constant = np.full((len(matrix), 1), self._constant)
        return np.hstack([check(matrix) * self._weights, constant])

    def dump(self) -> bytes:
        """See :class:`bandit_service.ranking.model.Model`."""
        weights = self._weights.tolist()
        parts = {"names": self._names, "weights": weights, "constant": self._constant}
        return pack(KIND, parts)

    @classmethod
    def load(cls, data: bytes) -> Linear:
        """What :meth:`dump` gave. Raises BrokenState for anything else."""
        parts = unpack(KIND, data)
        try:
            return cls(parts["names"], parts["weights"], parts["constant"])
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenState(f"the {KIND} model is not whole ({error!r})") from error


def fit_linear(examples: Examples) -> Linear:
    """Logistic regression on standardised features: its direction with a strong ridge, its scale
    and constant by maximum likelihood, so that it foretells what it can."""
    matrix = check(examples.matrix)
    middle, spread = matrix.mean(0), matrix.std(0)
    # What is constant but for rounding is constant.
    spread[spread < _SAME * np.maximum(1.0, np.abs(middle))] = 1.0
    scaled = (matrix - middle) / spread
    direction = _likeliest(scaled, examples, RIDGE)[:-1]
    line = scaled @ direction
    size = float(line.std())
    if size < _SAME:
        size = math.inf  # nothing tells anything: what is left is the constant
    scale, constant = _likeliest(line[:, None] / size, examples, _NEARLY_NONE)
    # A line that only chance turned round tells nothing.
    weights = max(0.0, scale) / size * direction / spread
    return Linear(examples.names, weights.tolist(), float(constant - weights @ middle))


def _likeliest(matrix: Numbers, examples: Examples, ridge: float) -> Numbers:
    """Weights of the columns of ``matrix``, and a constant: by L-BFGS."""
    labels, share = examples.labels, examples.weights

    def loss(at: Numbers) -> tuple[float, Numbers]:
        odds = matrix @ at[:-1] + at[-1] + examples.offsets
        missed = share * (expit(odds) - labels)
        value = float(share @ (np.logaddexp(0.0, odds) - labels * odds))
        slope = np.append(matrix.T @ missed + ridge * at[:-1], missed.sum())
        return value + ridge / 2 * float(at[:-1] @ at[:-1]), slope

    found: Numbers = minimize(loss, np.zeros(matrix.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return found
