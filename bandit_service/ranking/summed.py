"""Blend + ranker: what is served of a fitted model. Never the model alone.

Per query, minmax(model's score) + blend / max(blend): in our own offline study its worst point
against the blend was −.003, where the model alone fell as low as −.044.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bandit_service.policies.sealed import OtherKind
from bandit_service.ranking import corrected, linear, trees
from bandit_service.ranking.features import Numbers
from bandit_service.ranking.model import Model
from bandit_service.ranking.pool import Pool
from plugin.errors import BrokenState

_LOADERS: Mapping[str, Callable[[bytes], Model]] = {
    corrected.KIND: corrected.Corrected.load,
    linear.KIND: linear.Linear.load,
    trees.KIND: trees.Trees.load,
}
_TOLD = 8
"""How many features an explanation names; what the others add is one number."""


class Summed:
    """See :class:`bandit_service.ranking.pool.Ranker`. The blend's best 200 are ranked; those
    behind them stay there, in the blend's order: nothing was read of them."""

    def __init__(self, model: Model, version: str) -> None:
        self._model = model
        self.version = version

    def rank(self, pool: Pool) -> Sequence[float]:
        """See :class:`bandit_service.ranking.pool.Ranker`.

        Raises:
            InvalidRequest: the features hold what is not finite, or huge.
        """
        count = len(pool.best)
        if not count:
            return []
        found = self._model.scores(pool.table.matrix(self._model.names))
        low, span = _scale(found)
        scores = pool.blend - 1.0
        scores[:count] += 1.0 + (found - low) * span
        ranked: list[float] = scores.tolist()
        return ranked

    def explain(self, pool: Pool) -> list[dict[str, float]]:
        """See :class:`bandit_service.ranking.pool.Ranker`."""
        told = [{"blend": float(part), "not ranked": -1.0} for part in pool.blend]
        if not pool.best:
            return told
        matrix = pool.table.matrix(self._model.names)
        low, span = _scale(self._model.scores(matrix))
        parts = self._model.contributions(matrix) * span
        for at, row in enumerate(parts):
            order = np.argsort(-np.abs(row[:-1]), kind="stable")[:_TOLD]
            named = {self._model.names[one]: float(row[one]) for one in order if row[one]}
            rest = float(row.sum() - low * span) - sum(named.values())
            told[at] = {"blend": float(pool.blend[at]), **named, "all others": rest}
        return told


def load_model(data: bytes) -> Model:
    """A dumped model of any kind.

    Raises:
        BrokenState: it is damaged, cut short, or no ranking model.
    """
    for load in _LOADERS.values():
        try:
            return load(data)
        except OtherKind:
            continue
    raise BrokenState("this is no ranking model of ours")


def _scale(scores: Numbers) -> tuple[float, float]:
    """Lowest score, and what a unit above it is worth, so that the highest gets 1."""
    low, high = float(scores.min()), float(scores.max())
    return low, 1 / (high - low) if high > low else 0.0
