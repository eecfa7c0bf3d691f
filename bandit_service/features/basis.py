"""The reduced query vector: twelve numbers that tell apart what people ask.

Principal components of the vectors of queries that were really asked: on a music dataset they
explain .29 of what strategies earn for unseen queries, where the shape of the text explains .19, a
random projection .21 and components of the entities' names .23. They are fitted once and kept: a
basis that is fitted anew turns, and what was learnt of its directions would mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from bandit_service.features.context import REDUCED
from bandit_service.policies.sealed import seal, unseal
from plugin.errors import BrokenState, InvalidRequest

KIND: Final = "query-basis"
FEWEST: Final = 300
"""Distinct queries from which a basis is worth fitting."""
_SPREAD: Final = 2.5
"""Standard deviations of the widest direction that fit into −1..1."""

Vectors = NDArray[np.floating[Any]]


class Basis:
    """``centre`` (dimensions) and ``directions`` (REDUCED × dimensions, scaled)."""

    def __init__(self, centre: NDArray[np.float64], directions: NDArray[np.float64]) -> None:
        self._centre = centre
        self._directions = directions

    @classmethod
    def fit(cls, vectors: Vectors) -> Basis:
        """The basis of query vectors (queries × dimensions).

        Raises:
            InvalidRequest: there are fewer than FEWEST queries, or they are all alike.
        """
        rows = np.asarray(vectors, np.float64)
        if rows.ndim != 2 or rows.shape[0] < FEWEST or not np.isfinite(rows).all():
            raise InvalidRequest(f"a query basis needs the vectors of {FEWEST} queries or more")
        centre = rows.mean(axis=0)
        _, sizes, directions = np.linalg.svd(rows - centre, full_matrices=False)
        widest = float(sizes[0]) / np.sqrt(rows.shape[0])
        if widest < 1e-9:
            raise InvalidRequest("a query basis needs queries that are not all alike")
        directions = directions[:REDUCED]
        # Of the two signs that a direction may have, always the same.
        strongest = np.abs(directions).argmax(axis=1)
        signs = np.sign(directions[np.arange(len(directions)), strongest])
        return cls(centre, directions * signs[:, None] / (_SPREAD * widest))

    def reduce(self, vector: Sequence[float] | None) -> tuple[float, ...]:
        """Numbers within −1..1; none for a vector that is missing, or of another encoder."""
        if vector is None or len(vector) != self._centre.size:
            return ()
        told = self._directions @ (np.asarray(vector, np.float64) - self._centre)
        return tuple(np.clip(told, -1.0, 1.0).tolist())

    def dump(self) -> bytes:
        """Everything, with a checksum."""
        numbers = {"centre": self._centre.tolist(), "directions": self._directions.tolist()}
        return seal(KIND, orjson.dumps(numbers))

    @classmethod
    def load(cls, data: bytes) -> Basis:
        """What :meth:`dump` gave.

        Raises:
            BrokenState: it is damaged, or something else.
        """
        payload = unseal(KIND, data)
        try:
            parsed = orjson.loads(payload)
            centre = np.asarray(parsed["centre"], np.float64)
            directions = np.asarray(parsed["directions"], np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise BrokenState(f"the query basis cannot be read ({error})") from error
        if centre.ndim != 1 or directions.ndim != 2 or directions.shape[1] != centre.size:
            raise BrokenState("the query basis has the wrong shape")
        return cls(centre, directions)
