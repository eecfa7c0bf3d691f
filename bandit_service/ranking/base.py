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
    of every entity by id. ``values``: strategy → credit as the policy expects it. ``popularity``
    and ``published`` name two of the ranking fields, "" where there are none; ``now_ms`` is the
    query's time (epoch milliseconds), to tell how old what was ``published`` is.
    """

    features: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    popularity: str = ""
    published: str = ""
    now_ms: int = 0


class Ranker(Protocol):
    """Scores candidates; higher is better, and only the order of a query's scores means something.

    ``version`` is written into the journal with every page.
    """

    version: str

    def rank(self, candidates: Sequence[Candidate], context: RankingContext) -> Sequence[float]:
        """One finite score per candidate, in their order."""
        ...

    def explain(
        self, candidates: Sequence[Candidate], context: RankingContext
    ) -> list[dict[str, float]]:
        """Per candidate what added to its score, by name, the largest first; they sum to it."""
        ...


def order(candidates: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    """``candidates`` by descending score; where scores are equal their order stays."""
    by_score = sorted(zip(candidates, scores, strict=True), key=lambda pair: pair[1], reverse=True)
    return [candidate for candidate, _ in by_score]
