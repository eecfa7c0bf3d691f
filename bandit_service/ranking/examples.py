"""Pages to learn ranking from: what was shown, where, with which features, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bandit_service.ranking.features import Numbers, check
from plugin.errors import InvalidRequest

Examination = Callable[[int], float]
"""Position (1 is the top) → the share (0..1] of people who look there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One entity of a page: ``grade`` (−1..1) is what one session's actions amount to, 0 where it
    did nothing; ``row`` its features that are not 0."""

    entity: str
    position: int
    grade: float
    row: dict[str, float]


@dataclass(frozen=True, slots=True)
class Page:
    """One page, closed. ``key`` names its query; ``query`` are features that all rows share;
    ``shown`` only what was looked at, where that is known; ``text`` what was asked."""

    key: str
    query: dict[str, float]
    shown: tuple[Shown, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """What is fitted: ``matrix`` (rows, ``names``); per row ``labels`` (0..1), ``weights`` (> 0)
    ``offsets``, the log of the share of people who look at its position, and ``keys``, which query
    it is of."""

    names: tuple[str, ...]
    matrix: Numbers
    labels: Numbers
    weights: Numbers
    offsets: Numbers
    keys: tuple[str, ...]
    about: dict[str, int] = field(default_factory=dict)

    def some(self, rows: NDArray[np.bool_]) -> Examples:
        """Those of ``rows`` (a mask)."""
        return Examples(
            self.names,
            self.matrix[rows],
            self.labels[rows],
            self.weights[rows],
            self.offsets[rows],
            tuple(key for key, there in zip(self.keys, rows, strict=True) if there),
        )


def gather(pages: Sequence[Page], examination: Examination) -> Examples:
    """All shown entities of ``pages`` as examples; what was not shown is none.

    A grade above 0 is the label. One below 0 is a label 0 that weighs more. A page weighs n^−½
    where its query has n of them: queries asked often do not drown the others.

    Raises:
        InvalidRequest: there is no example, or one holds what nothing may learn from.
    """
    rows = [(page, one) for page in pages for one in page.shown]
    if not rows:
        raise InvalidRequest("there is no page to learn ranking from")
    names = sorted({name for page, one in rows for name in (*page.query, *one.row)})
    at = {name: place for place, name in enumerate(names)}
    matrix = np.zeros((len(rows), len(names)))
    for line, (page, one) in enumerate(rows):
        for name, value in (*page.query.items(), *one.row.items()):
            matrix[line, at[name]] = value
    asked = Counter(page.key for page in pages)
    grades = np.array([one.grade for _, one in rows])
    if not bool((np.abs(grades) <= 1).all()):
        raise InvalidRequest("a grade to learn ranking from is not within -1..1")
    return Examples(
        tuple(names),
        check(matrix),
        np.maximum(0.0, grades),
        np.array([asked[page.key] ** -0.5 for page, _ in rows]) * (1 + np.maximum(0.0, -grades)),
        np.log([max(1e-3, examination(one.position)) for _, one in rows]),
        tuple(page.key for page, _ in rows),
        {"pages": len(pages), "shown": len(rows), "chosen": int((grades > 0).sum())},
    )
