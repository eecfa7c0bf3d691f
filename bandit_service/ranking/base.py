"""What rankers are told besides the candidates, and the order that follows from scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bandit_service.ranking.observed import Before
from plugin.model import Candidate


@dataclass(frozen=True, slots=True)
class RankingContext:
    """What a ranker may know besides the candidates.

    ``features`` is the query's context as the policy saw it, ``words`` its distinct words;
    ``fields`` the ranking fields of the entities by id (lists of doc values; nothing for those past
    the first 200), ``types`` the type of every entity by id. ``values``: strategy → credit as the
    policy expects it. ``popularity`` and ``published`` name two of the ranking fields, "" where
    there are none, and ``compared`` those whose words are held against the query's; ``now_ms`` is
    the query's time (epoch milliseconds), to tell how old what was ``published`` is. ``cosines``:
    name of a query vector → id → cosine with the entity's. ``before``: what people made of
    entities when they asked the very same.
    """

    features: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    popularity: str = ""
    published: str = ""
    compared: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    cosines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    now_ms: int = 0
    before: Before = field(default_factory=Before)


def order(candidates: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    """``candidates`` by descending score; where scores are equal their order stays."""
    by_score = sorted(zip(candidates, scores, strict=True), key=lambda pair: pair[1], reverse=True)
    return [candidate for candidate, _ in by_score]
