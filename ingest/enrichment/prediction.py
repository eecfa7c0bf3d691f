"""A predicted query, and what everything that predicts queries promises.

A query's score is a pseudo click rate (0..1): how often a person who asks this would choose this
entity. The memory strategy serves it until real choices replace it. The exact numbers are a prior,
not a measurement; what matters is their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plugin.understanding import memory_key, normalise

MOST = 24
"""Predicted queries that are stored: more would cost index space and bring rarer queries."""
CANDIDATES = 36
"""Predicted queries that the round trip may choose from."""

LONGEST = 100
"""Characters: nobody types a longer query for one entity."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A query in normalised words, its memory key, and its pseudo click rate."""

    query: str
    key: str
    score: float


class Predictor(Protocol):
    """Predicts the queries that entities may answer; safe to share between threads."""

    @property
    def fallbacks(self) -> int:
        """Entities so far that got only what the offline predictor knows, by a failure."""
        ...

    def predict(self, documents: Sequence[Mapping[str, Any]]) -> list[tuple[Prediction, ...]]:
        """Per document at most :data:`CANDIDATES` predictions, best first; never raises."""
        ...


def best(candidates: Iterable[tuple[str, float]], most: int = CANDIDATES) -> tuple[Prediction, ...]:
    """The best ``most`` of (text, score), normalised; a query that comes twice keeps its best."""
    found: dict[str, Prediction] = {}
    for text, score in candidates:
        query = normalise(text)
        if query and len(query) <= LONGEST:
            one = Prediction(query, memory_key(query), round(score, 4))
            known = found.get(one.key)
            if known is None or known.score < one.score:
                found[one.key] = one
    return tuple(sorted(found.values(), key=lambda one: (-one.score, one.query))[:most])
