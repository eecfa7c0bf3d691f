"""Rank: the order of a page's candidates, who made it, and what it can be learnt from."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bandit_service.arranging.arrange import kind_of
from bandit_service.page import Shown
from bandit_service.ranking import observed
from bandit_service.ranking.base import RankingContext, order
from bandit_service.ranking.interleaving import Draft, team_draft
from bandit_service.ranking.matching import words_of
from bandit_service.ranking.observed import Before, weighed
from bandit_service.ranking.pool import Pool, Ranker
from bandit_service.ranking.promoted import BLEND, Lineup
from plugin.assets.schema import Schema
from plugin.errors import LtrrError
from plugin.hydration import Hydrated
from plugin.model import Candidate, Decision, Query

log = logging.getLogger(__name__)

Rankers = Callable[[], Lineup]


@dataclass(frozen=True, slots=True)
class Ordered:
    """``candidates`` in the order of ``version``. ``rows``: id → features of those that can be
    learnt from, ``query`` what they share. ``by`` scored them, and what was known from ``before``
    weighed with that. ``draft``: where two orders drafted the page."""

    candidates: list[Candidate]
    version: str
    query: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    draft: Draft | None = None
    opponent: str = ""
    by: Ranker = BLEND
    before: Before = Before()

    def on_page(self, ids: Sequence[str]) -> dict[str, Any]:
        """What the page's entry says of the ranking of what it shows."""
        said: dict[str, Any] = {
            "query": dict(self.query),
            "rows": [dict(self.rows[id]) if id in self.rows else None for id in ids],
        }
        if self.draft is not None:
            there = set(ids)
            said["teams"] = [self.draft.teams.get(id) for id in ids]
            said["swappable"] = [pair for pair in self.draft.swappable if there.issuperset(pair)]
            said["versions"] = {"model": self.opponent, "blend": BLEND.version}
        return said


def context_of(
    features: Mapping[str, float],
    decision: Decision,
    hydrated: Hydrated,
    schema: Schema,
    query: Query,
    before: Before,
) -> RankingContext:
    """What a ranker may know of a query and of its candidates."""
    popularity = schema.popularity and f"{schema.popularity}.value"
    return RankingContext(
        features,
        hydrated.ranking,
        {id: kind_of(values, schema.type) for id, values in hydrated.values.items()},
        {choice.strategy: choice.value for choice in decision.included},
        popularity if popularity in schema.ranking else schema.popularity or "",
        schema.published or "",
        schema.compared,
        words_of(query.corrected or query.text),
        hydrated.cosines,
        int(query.now.timestamp() * 1000),
        before,
    )


def ordered(
    lineup: Lineup,
    pool: Pool,
    query_id: str,
    trouble: list[str],
    *,
    holdout: bool = False,
) -> Ordered:
    """The candidates of ``pool`` as they are to be shown.

    ``holdout``: this page belongs to the permanent baseline, so the blend orders it. A ranker that
    fails costs its order, not the page: it is added to ``trouble``.
    """
    query, rows = _described(pool)
    if holdout:
        plain = order(pool.candidates, BLEND.rank(pool))
        return Ordered(plain, BLEND.version, query, rows)
    blend = Ordered(
        _weighed(pool, BLEND.rank(pool)),
        BLEND.version,
        query,
        rows,
        before=pool.context.before,
    )
    drafted = lineup.model is not None and lineup.interleaved(query_id)
    by = lineup.model if drafted and lineup.model is not None else lineup.serving
    candidates = _by(by, pool, trouble)
    if candidates is None:
        return blend
    if not drafted:
        return replace(blend, candidates=candidates, version=by.version, by=by)
    dice = random.Random(f"{query_id} drafts")  # noqa: S311 - no secret
    draft = team_draft(candidates, blend.candidates, dice)
    return replace(
        blend,
        candidates=draft.order,
        version=f"{by.version} and {BLEND.version}",
        draft=draft,
        opponent=by.version,
        by=by,
    )


def likely_order(candidates: Sequence[Candidate], before: Before) -> Sequence[Candidate]:
    """About how ``candidates`` will stand, before anything was read of them."""
    return order(candidates, weighed(candidates, [one.score for one in candidates], before))


def explained(ordered: Ordered, shown: Sequence[Shown], pool: Pool) -> list[Shown]:
    """``shown`` with what added to the scores by which ``pool`` was ordered; rules and diversity
    may have moved them since."""
    scored = ordered.by.explain(pool)
    reasons = observed.explained(pool.candidates, scored, ordered.before)
    named = {one.id: why for one, why in zip(pool.candidates, reasons, strict=True)}
    return [replace(hit, reasons=named.get(hit.candidate.id, {})) for hit in shown]


def _by(ranker: Ranker, pool: Pool, trouble: list[str]) -> list[Candidate] | None:
    try:
        return _weighed(pool, ranker.rank(pool))
    except Exception:
        log.exception("the ranker failed; the blend's order is served")
        trouble.append("ranker: it failed")
        return None


def _weighed(pool: Pool, scores: Sequence[float]) -> list[Candidate]:
    return order(pool.candidates, weighed(pool.candidates, scores, pool.context.before))


def _described(pool: Pool) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]:
    try:
        known = pool.table
    except LtrrError:
        return {}, {}  # nothing may learn from it
    query = {name: round(value, 6) for name, value in known.query.items() if value}
    return query, _Rows({one.id: at for at, one in enumerate(pool.best)}, known.row)


class _Rows(Mapping[str, Mapping[str, float]]):
    """The rows of a table by id, made when they are asked for: a page shows few."""

    def __init__(self, at: Mapping[str, int], row: Callable[[int], Mapping[str, float]]) -> None:
        self._at = at
        self._row = row

    def __getitem__(self, id: str) -> Mapping[str, float]:
        return self._row(self._at[id])

    def __iter__(self) -> Any:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, id: object) -> bool:
        return id in self._at
