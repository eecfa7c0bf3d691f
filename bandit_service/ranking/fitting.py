"""Which kind of model a ranking is fitted as: the one that foretells better what others chose.

Trees win with many pages and learn noise from few; a linear model is the other way round. So both
are fitted without a fifth of the queries, and the one that foretells the choices on those better is
fitted again on everything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import expit

from bandit_service.by_hash import drawn
from bandit_service.ranking.examples import Examples
from bandit_service.ranking.linear import fit_linear
from bandit_service.ranking.model import Model
from bandit_service.ranking.trees import fit_trees
from plugin.errors import InvalidRequest

HELD_OUT: Final = 0.2
_FEWEST: Final = 20
"""Queries held out, below which nothing is told apart: then it is linear."""
_SMALL: Final = 1e-9


def fit_best(examples: Examples) -> Model:
    """Trees where they foretell better than a linear model; the same examples, the same model.

    Raises:
        InvalidRequest: the examples hold what nothing may learn from.
    """
    held = np.array([drawn(f"held out? {key}") < HELD_OUT for key in examples.keys], bool)
    if len({key for key, out in zip(examples.keys, held, strict=True) if out}) < _FEWEST:
        return fit_linear(examples)
    known, judged = examples.some(~held), examples.some(held)
    if not known.labels.any():
        raise InvalidRequest("nobody chose anything yet that ranking could be learnt from")
    if surprise(fit_trees(known), judged) < surprise(fit_linear(known), judged):
        return fit_trees(examples)
    return fit_linear(examples)


def surprise(model: Model, examples: Examples) -> float:
    """The mean log loss of ``examples`` (nats), position counted as in fitting."""
    odds = model.scores(examples.matrix) + examples.offsets
    chance = np.clip(expit(odds), _SMALL, 1 - _SMALL)
    loss = -(examples.labels * np.log(chance) + (1 - examples.labels) * np.log(1 - chance))
    return float(loss @ examples.weights / examples.weights.sum())
