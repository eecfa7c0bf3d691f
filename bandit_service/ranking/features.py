"""What a ranker sees of candidates: a table of finite numbers, one row for each of them.

Of each strategy the reciprocal rank and the scaled score (0 where it did not bring the candidate);
how far strategies agree; what is known of the entity; how its words and its vector are near to the
query's; and the query, the same in every row. The blended score that ordered the page is left out:
it would teach the ranker to repeat it. So is what people made of the entity under this very query:
that is weighed with the ranker's score afterwards, see :mod:`.observed`.

Reciprocal ranks: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion", SIGIR 2009.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.matching import matches
from plugin.blending.minmax import LEAST
from plugin.errors import InvalidRequest
from plugin.model import Candidate

Numbers = NDArray[np.float64]

HUGE = 1e9
"""What no feature is beyond, by its making."""
QUERY = (
    "tokens",
    "one_token",
    "sentence",
    "question",
    "has_digit",
    "read_name",
    "read_whole_name",
    "read_maker",
    "read_value",
    "memory_hit",
    "memory_confidence",
    "asked",
    "nearest",
    "session_seen",
    "one_type",
)
"""Features of the query's context that a ranker sees."""
_RANK_CONSTANT = 10
"""Ranks near the top differ more than with the usual 60: a page has ten places."""
_TOP = 10
_DAY_MS = 86_400_000.0
_FAR = 1e15
"""What no number of an entity is beyond; what claims to be is unknown."""
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Table:
    """``columns``: name → one number per candidate; ``query``: name → the number of all rows. What
    is not there is 0."""

    size: int
    columns: Mapping[str, Numbers]
    query: Mapping[str, float]

    def matrix(self, names: Sequence[str]) -> Numbers:
        """The table with the columns ``names``: (candidates, names)."""
        matrix = np.zeros((len(names), self.size))
        for at, name in enumerate(names):
            column = self.columns.get(name)
            matrix[at] = self.query.get(name, 0.0) if column is None else column
        return matrix.T

    def row(self, at: int) -> dict[str, float]:
        """What is not 0 of candidate ``at``, without what all rows share; for the journal."""
        return {
            name: round(float(column[at]), 6) for name, column in self.columns.items() if column[at]
        }


def table(candidates: Sequence[Candidate], context: RankingContext) -> Table:
    """The features of ``candidates``.

    Raises:
        InvalidRequest: something that is not finite, or huge, was among what they are made of.
    """
    known = [context.fields.get(one.id, _NOTHING) for one in candidates]
    columns = _provenance(candidates)
    columns |= _entities(candidates, known, context)
    columns |= _cosines(candidates, context)
    columns |= matches(context.words, known, context.compared)
    query = {f"query:{name}": context.features[name] for name in QUERY if name in context.features}
    query |= {f"value:{name}": value for name, value in context.values.items()}
    if not all(abs(value) < HUGE for value in query.values()):
        raise InvalidRequest("a feature of the query is not finite, or huge: it is not ranked by")
    return Table(len(candidates), columns, query)


def check(matrix: Numbers) -> Numbers:
    """``matrix``, if a library may see it.

    Raises:
        InvalidRequest: it holds what is not finite, or huge.
    """
    # NaN is not below anything.
    if not bool((np.abs(matrix) < HUGE).all()):
        raise InvalidRequest("a ranking feature is not finite, or huge: it is not ranked by")
    return matrix


def _provenance(candidates: Sequence[Candidate]) -> dict[str, Numbers]:
    origins = [origin for candidate in candidates for origin in candidate.provenance]
    names = {name: at for at, name in enumerate(dict.fromkeys(one.strategy for one in origins))}
    places = (
        [names[origin.strategy] for origin in origins],
        np.repeat(np.arange(len(candidates)), [len(one.provenance) for one in candidates]),
    )
    # (strategies, candidates), infinitely far down where a strategy did not bring a candidate;
    # none brings one twice.
    ranks = np.full((len(names), len(candidates)), np.inf)
    raw = np.zeros(ranks.shape)
    ranks[places] = check(np.array([origin.rank for origin in origins], float))
    raw[places] = check(np.array([origin.score for origin in origins], float))
    there = ranks < np.inf
    low = np.where(there, raw, np.inf).min(1, initial=np.inf, keepdims=True)
    high = np.where(there, raw, -np.inf).max(1, initial=-np.inf, keepdims=True)
    span = high - low
    above = np.where(span > 0, (raw - low) / np.where(span > 0, span, 1.0), 1.0)
    scaled = np.where(there, LEAST + (1 - LEAST) * above, 0.0)
    rank = (_RANK_CONSTANT + 1) / (_RANK_CONSTANT + ranks)
    columns = {
        f"{kind}:{name}": values[at]
        for at, name in enumerate(names)
        for kind, values in (("rank", rank), ("scaled", scaled), ("score", raw))
    }
    return {
        **columns,
        "in_top": (ranks <= _TOP).sum(0).astype(float),
        "ranks": rank.sum(0),
        "scaled_sum": scaled.sum(0),
        "scaled_best": scaled.max(0, initial=0.0),
    }


def _entities(
    candidates: Sequence[Candidate], known: Sequence[Mapping[str, Any]], context: RankingContext
) -> dict[str, Numbers]:
    kinds = [context.types.get(one.id) for one in candidates]
    columns = {
        f"type:{kind}": np.array([one == kind for one in kinds], float)
        for kind in dict.fromkeys(kinds)
        if kind
    }
    popularity = np.log1p(np.maximum(0.0, _numbers(known, context.popularity)))
    published = _numbers(known, context.published)
    # 1 for what is new, 1/2 at a year; 0 is unknown.
    days = np.maximum(0.0, context.now_ms - published) / _DAY_MS
    fresh = np.where(published != 0, 1 / (1 + days / 365), 0.0) * bool(context.now_ms)
    return {**columns, "popularity": popularity, "freshness": fresh}


def _cosines(candidates: Sequence[Candidate], context: RankingContext) -> dict[str, Numbers]:
    """Of each query vector the cosines, and how far each is below the best: 0 and −1 where an
    entity has no vector."""
    columns: dict[str, Numbers] = {}
    for name, cosines in context.cosines.items():
        near = check(np.array([cosines.get(one.id, 0.0) for one in candidates], float))
        there = np.array([one.id in cosines for one in candidates], bool)
        columns[f"cosine:{name}"] = near
        columns[f"below:{name}"] = np.where(there, near - near.max(initial=0.0), -1.0)
    return columns


def _numbers(known: Sequence[Mapping[str, Any]], field: str) -> Numbers:
    """The first doc value of ``field`` of each entity; 0 where there is no number."""
    values = (entity.get(field) for entity in known)
    firsts: list[Any] = [one[0] if type(one) is list and one else one for one in values]
    # By type, and not by isinstance: true is no number, and this runs for every candidate.
    numbers = [one if type(one) in (int, float) and abs(one) < _FAR else 0.0 for one in firsts]
    return np.array(numbers, float)
