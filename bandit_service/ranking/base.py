"""What every ranker keeps to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from plugin.model import Candidate


@dataclass(frozen=True, slots=True)
class RankingContext:
    """What a ranker may know besides the candidates.

    ``features`` is the query's context as the policy saw it; ``fields`` the ranking fields of the
    entities by id (lists of doc values; nothing for those past the first 200), ``types`` the type
    of every entity by id.
    """

    features: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


class Ranker(Protocol):
    """Scores candidates; higher is better, and only the order of a query's scores means something.

    ``version`` is written into the journal with every page.
    """

    version: str

    def rank(self, candidates: Sequence[Candidate], context: RankingContext) -> Sequence[float]:
        """One finite score per candidate, in their order."""
        ...


def order(candidates: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    """``candidates`` by descending score; where scores are equal their order stays."""
    by_score = sorted(zip(candidates, scores, strict=True), key=lambda pair: pair[1], reverse=True)
    return [candidate for candidate, _ in by_score]
