"""Which kind of model is fitted."""

from __future__ import annotations

import numpy as np
import pytest

from bandit_service.ranking.examples import Examples
from bandit_service.ranking.fitting import fit_best, surprises
from bandit_service.ranking.linear import Linear, fit_linear
from bandit_service.ranking.trees import Trees
from plugin.errors import InvalidRequest


def examples(*, queries: int, crooked: bool) -> Examples:
    """What is chosen depends on two features: on their sum, or on how far one is from 0."""
    dice = np.random.default_rng(3)
    rows = queries * 10
    matrix = dice.uniform(-1, 1, (rows, 2))
    odds = 6 * (np.abs(matrix[:, 0]) - 0.5) if crooked else 2 * matrix.sum(1)
    labels = (dice.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    keys = tuple(f"q{at // 10}" for at in range(rows))
    return Examples(("a", "b"), matrix, labels, np.ones(rows), np.zeros(rows), keys)


def test_trees_where_they_foretell_better_and_lines_where_those_do() -> None:
    assert isinstance(fit_best(examples(queries=400, crooked=True)), Trees)
    assert isinstance(fit_best(examples(queries=400, crooked=False)), Linear)
    assert isinstance(fit_best(examples(queries=20, crooked=True)), Linear)


def test_the_same_examples_give_the_same_model() -> None:
    one = examples(queries=400, crooked=True)
    assert fit_best(one).dump() == fit_best(one).dump()


def test_a_model_that_knows_is_less_surprised() -> None:
    one = examples(queries=200, crooked=False)
    nothing = Linear(("a", "b"), (0.0, 0.0), 0.0)
    assert surprises(fit_linear(one), one).sum() < surprises(nothing, one).sum()
    assert len(surprises(nothing, one)) == len(set(one.keys))


def test_from_nothing_chosen_nothing_is_learnt() -> None:
    one = examples(queries=400, crooked=False)
    one.labels[:] = 0
    with pytest.raises(InvalidRequest):
        fit_best(one)
