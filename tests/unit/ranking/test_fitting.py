"""Which kind of model is fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bandit_service.ranking.corrected import Corrected, correct
from bandit_service.ranking.examples import Examples
from bandit_service.ranking.fitting import fit_best, surprises
from bandit_service.ranking.linear import Linear, fit_linear
from plugin.errors import InvalidRequest


def examples(*, queries: int, straight: float = 0, crooked: float = 0) -> Examples:
    """What is chosen depends on two features: on their sum, and on how far one is from 0."""
    dice = np.random.default_rng(3)
    rows = queries * 10
    matrix = dice.uniform(-1, 1, (rows, 2))
    odds = straight * matrix.sum(1) + crooked * (np.abs(matrix[:, 0]) - 0.5)
    labels = (dice.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    keys = tuple(f"q{at // 10}" for at in range(rows))
    return Examples(("a", "b"), matrix, labels, np.ones(rows), np.zeros(rows), keys)


def test_trees_correct_a_line_where_they_foretell_more_and_leave_it_where_they_do_not() -> None:
    assert isinstance(fit_best(examples(queries=400, crooked=6)), Corrected)
    assert isinstance(fit_best(examples(queries=400, straight=2)), Linear)
    assert isinstance(fit_best(examples(queries=20, crooked=6)), Linear)


def test_trees_learn_what_the_line_does_not_say() -> None:
    one = examples(queries=400, straight=2, crooked=6)
    best = fit_best(one)
    line = fit_linear(one)
    assert isinstance(best, Corrected)
    assert np.allclose(best.scores(one.matrix), correct(line, one).scores(one.matrix))
    assert surprises(best, one).sum() < 0.95 * surprises(line, one).sum()
    corrections = best.scores(one.matrix) - line.scores(one.matrix)
    far = np.abs(one.matrix[:, 0]) > 0.5
    assert corrections[far].mean() > corrections[~far].mean() + 1


def test_the_same_examples_give_the_same_model() -> None:
    one = examples(queries=400, crooked=6)
    assert fit_best(one).dump() == fit_best(one).dump()


def test_a_model_that_knows_is_less_surprised() -> None:
    one = examples(queries=200, straight=2)
    nothing = Linear(("a", "b"), (0.0, 0.0), 0.0)
    assert surprises(fit_linear(one), one).sum() < surprises(nothing, one).sum()
    assert len(surprises(nothing, one)) == len(set(one.keys))


@pytest.mark.parametrize(
    ("middle", "width"),
    [(1e4, 1.0), (1e6, 100.0), (12345.678, 0.0)],
    ids=["far from 0", "farther", "constant but for rounding"],
)
def test_where_a_feature_has_its_middle_does_not_matter(middle: float, width: float) -> None:
    one = examples(queries=400, straight=2)
    moved = middle + width * one.matrix[:, 1:]
    far = replace(one, matrix=np.hstack([one.matrix[:, :1], moved]))
    near = replace(one, matrix=np.hstack([one.matrix[:, :1], (moved - middle) / (width or 1)]))
    assert np.allclose(
        fit_linear(far).scores(far.matrix), fit_linear(near).scores(near.matrix), atol=1e-3
    )


def test_a_line_foretells_as_often_as_it_happens() -> None:
    """The ridge gives the direction only: it would foretell too little of a few pages."""
    one = examples(queries=60, straight=3)
    odds = fit_linear(one).scores(one.matrix)
    assert (1 / (1 + np.exp(-odds))).mean() == pytest.approx(one.labels.mean(), abs=1e-3)
    assert np.polyfit(one.matrix.sum(1), odds, 1)[0] == pytest.approx(3, rel=0.2)


@pytest.mark.parametrize("queries", [10, 400])
def test_from_nothing_chosen_nothing_is_learnt(queries: int) -> None:
    one = examples(queries=queries, straight=2)
    one.labels[:] = 0
    with pytest.raises(InvalidRequest):
        fit_best(one)
