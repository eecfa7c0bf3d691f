"""Many vectors to one direction."""

from __future__ import annotations

import numpy as np
import pytest

from bandit_service.personal.means import REFUSED, mean, plain

X = np.array([2, 0], dtype=np.float32)
Y = np.array([0, 1], dtype=np.float32)


def test_it_lies_between_what_was_chosen_nearer_to_what_weighs_more() -> None:
    assert plain(mean([(3.0, X), (4.0, Y)])) == (pytest.approx(0.6), pytest.approx(0.8))


def test_what_was_refused_pushes_away_a_little() -> None:
    found = mean([(1.0, X), (-1.0, Y)])
    assert found is not None
    assert found[1] / found[0] == pytest.approx(-REFUSED)


@pytest.mark.parametrize(
    "weighted",
    [
        [],
        [(1.0, None)],
        [(1.0, np.zeros(2, dtype=np.float32))],
        [(-1.0, X)],
        [(1.0, X), (1.0, -X)],
        [(1.0, np.array([np.nan, 1], dtype=np.float32))],
    ],
)
def test_there_may_be_no_direction(weighted: list) -> None:
    assert mean(weighted) is None
    assert plain(None) is None
