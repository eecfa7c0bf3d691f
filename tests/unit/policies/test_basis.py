"""The reduced query vector: the same wherever it is fitted, and nothing for what does not fit."""

from __future__ import annotations

import numpy as np
import pytest

from bandit_service.features import featurise
from bandit_service.features.basis import FEWEST, Basis
from bandit_service.features.context import REDUCED
from bandit_service.policies.base import check_features
from plugin.errors import BrokenState, InvalidRequest

DIMENSIONS = 32


def asked(queries: int = 400) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Two kinds of query that lie apart, and noise."""
    rng = np.random.default_rng(1)
    rows = rng.normal(0, 0.1, (queries, DIMENSIONS))
    rows[: queries // 2, 0] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_first_number_tells_the_two_kinds_apart() -> None:
    rows = asked()
    reduced = np.asarray([Basis.fit(rows).reduce(tuple(row)) for row in rows])
    assert reduced.shape == (400, REDUCED)
    assert np.abs(reduced).max() <= 1
    first, second = reduced[:200, 0], reduced[200:, 0]
    assert first.min() > second.max() or second.min() > first.max()


def test_the_order_of_the_queries_and_a_dump_change_nothing() -> None:
    rows = asked()
    basis, again = Basis.fit(rows), Basis.fit(rows[::-1].copy())
    copy = Basis.load(basis.dump())
    assert copy.dump() == basis.dump()
    for row in rows[:10]:
        assert copy.reduce(tuple(row)) == basis.reduce(tuple(row))
        assert again.reduce(tuple(row))[0] == pytest.approx(basis.reduce(tuple(row))[0], abs=1e-6)


def test_a_vector_of_another_encoder_or_none_says_nothing() -> None:
    basis = Basis.fit(asked())
    assert basis.reduce(None) == basis.reduce((1.0,)) == ()


@pytest.mark.parametrize(
    "rows",
    [
        asked(FEWEST - 1),
        np.ones((FEWEST, DIMENSIONS)),
        np.full((FEWEST, DIMENSIONS), np.nan),
        np.ones(FEWEST),
    ],
)
def test_too_few_alike_or_broken_vectors_are_refused(rows: np.ndarray) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidRequest, match="query basis"):
        Basis.fit(rows)


def test_what_is_damaged_or_something_else_is_refused() -> None:
    data = Basis.fit(asked()).dump()
    for wrong in (data[:-10], b"", b"ltrr vw 00\n"):
        with pytest.raises(BrokenState):
            Basis.load(wrong)


def test_reduced_vectors_are_ordinary_features() -> None:
    from datetime import UTC, datetime

    from plugin.model import Query

    basis = Basis.fit(asked())
    query = Query("love", "key", datetime(2026, 1, 5, tzinfo=UTC), vector=tuple(asked()[0]))
    features = featurise(query, reduced=basis.reduce(query.vector))
    check_features(features)
    assert features["meaning_0"] != 0
