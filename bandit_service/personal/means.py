"""Many vectors to one: what somebody wants, as a direction."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

REFUSED = 0.25
"""How much what was refused pushes away, against how much what was chosen draws near (Rocchio 1971
in the proportions of Manning et al., Introduction to Information Retrieval, 9.1.1: .15 to .75)."""


def mean(weighted: Iterable[tuple[float, Vector | None]]) -> Vector | None:
    """The unit-length weighted mean of the directions of vectors of one length.

    None where nothing has a vector and a positive weight, or all cancel out: there is no direction
    then.
    """
    total: Vector | None = None
    wanted = False
    for weight, vector in weighted:
        if vector is None:
            continue
        length = float(np.linalg.norm(vector))
        if not length or not np.isfinite(length):
            continue
        wanted = wanted or weight > 0
        part = vector * ((weight if weight > 0 else REFUSED * weight) / length)
        total = part if total is None else total + part
    if total is None or not wanted:
        return None
    length = float(np.linalg.norm(total))
    return (total / length).astype(np.float32) if length > 1e-6 else None


def plain(vector: Vector | None) -> tuple[float, ...] | None:
    """A vector as the plain numbers that a query or a document holds."""
    return None if vector is None else tuple(np.round(vector.astype(np.float64), 6).tolist())
