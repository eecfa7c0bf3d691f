"""What a page earns by which strategies ran: the model that doubly robust estimates lean on.

Ridge regression of the reward on the kind of the query, which strategies ran, and those times their
logged values: linear in the inclusions, so that its mean under a policy is exact by the policy's
marginals. It is fitted on other sessions than it predicts (cross-fitting, Chernozhukov et al.
2018), so that an example never explains itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bandit_service.evaluation.off_policy.logged import Logged
from bandit_service.evaluation.off_policy.weights import Arms, Floats, marginals
from bandit_service.features.context import kind_of

FOLDS: Final = 5
RIDGE: Final = 5.0
_TOLD: Final = ("memory_hit", "memory_confidence", "nearest", "read_words", "read_name")


@dataclass(frozen=True, slots=True)
class Predicted:
    """Per example: the predicted reward of what was ``logged``, and its mean under the policy."""

    logged: Floats
    policy: Floats


class RewardModel:
    """Fitted once for a log, and asked for any policy."""

    def __init__(self, examples: Sequence[Logged]) -> None:
        self._examples = examples
        self._names = sorted({name for one in examples for name in one.strategies})
        kinds = sorted({kind_of(one.context) for one in examples})
        self._about = np.asarray(
            [
                [
                    1.0,
                    *(float(kind_of(one.context) == kind) for kind in kinds),
                    *(one.context.get(name, 0.0) for name in _TOLD),
                ]
                for one in examples
            ]
        )
        self._values = np.asarray(
            [[one.values.get(name, 0.0) for name in self._names] for one in examples]
        )
        ran = [[float(name in one.included) for name in self._names] for one in examples]
        self._design = self._features(np.asarray(ran))
        self._fold = np.asarray([zlib.crc32(one.session.encode()) % FOLDS for one in examples])
        rewards = np.asarray([one.reward for one in examples])
        self._coefficients = [
            _ridge(self._design[self._fold != fold], rewards[self._fold != fold])
            for fold in range(FOLDS)
        ]

    def predict(self, policy: Sequence[Arms]) -> Predicted:
        """Predictions for a policy whose arms for each example are ``policy``."""
        runs = np.asarray([marginals(arms, self._names) for arms in policy])
        wanted = self._features(runs)
        coefficients = np.asarray([self._coefficients[fold] for fold in self._fold])
        return Predicted(
            np.einsum("ij,ij->i", self._design, coefficients),
            np.einsum("ij,ij->i", wanted, coefficients),
        )

    def _features(self, runs: Floats) -> Floats:
        return np.column_stack([self._about, runs, runs * self._values])


def _ridge(design: Floats, rewards: Floats) -> Floats:
    size = design.shape[1]
    solved = np.linalg.solve(design.T @ design + RIDGE * np.eye(size), design.T @ rewards)
    return np.asarray(solved, np.float64)
