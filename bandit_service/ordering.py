"""Rank: the order of a page's candidates, who made it, and what it can be learnt from."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bandit_service.arranging.arrange import kind_of
from bandit_service.page import Shown
from bandit_service.ranking.base import Ranker, RankingContext, order
from bandit_service.ranking.features import table
from bandit_service.ranking.interleaving import Draft, team_draft
from bandit_service.ranking.promoted import BLEND, Lineup
from plugin.assets.schema import Schema
from plugin.errors import LtrrError
from plugin.hydration import RANKED, Hydrated
from plugin.model import Candidate, Decision

log = logging.getLogger(__name__)

Rankers = Callable[[], Lineup]


@dataclass(frozen=True, slots=True)
class Ordered:
    """``candidates`` in the order of ``version``. ``rows``: id → features of those that can be
    learnt from, ``query`` what they share. ``by`` scored them. ``draft``: where
    two orders drafted the page."""

    candidates: list[Candidate]
    version: str
    query: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    draft: Draft | None = None
    opponent: str = ""
    by: Ranker = BLEND

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
    now: datetime,
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
        int(now.timestamp() * 1000),
    )


def ordered(
    lineup: Lineup,
    candidates: Sequence[Candidate],
    context: RankingContext,
    query_id: str,
    trouble: list[str],
    *,
    holdout: bool = False,
) -> Ordered:
    """``candidates`` as they are to be shown.

    ``holdout``: this page belongs to the permanent baseline, so the blend orders it. A ranker that
    fails costs its order, not the page: it is added to ``trouble``.
    """
    blend = order(candidates, BLEND.rank(candidates, context))
    known = _described(candidates, context)
    if holdout:
        return Ordered(blend, BLEND.version, *known)
    if lineup.model is not None and lineup.interleaved(query_id):
        model = _by(lineup.model, candidates, context, trouble)
        if model is not None:
            dice = random.Random(f"{query_id} drafts")  # noqa: S311 - no secret
            draft = team_draft(model, blend, dice)
            version = f"{lineup.model.version} and {BLEND.version}"
            return Ordered(draft.order, version, *known, draft, lineup.model.version, lineup.model)
        return Ordered(blend, BLEND.version, *known)
    served = _by(lineup.serving, candidates, context, trouble)
    if served is None:
        return Ordered(blend, BLEND.version, *known)
    return Ordered(served, lineup.serving.version, *known, by=lineup.serving)


def explained(
    ordered: Ordered,
    shown: Sequence[Shown],
    candidates: Sequence[Candidate],
    context: RankingContext,
) -> list[Shown]:
    """``shown`` with what added to the scores by which ``candidates`` were ordered; rules and
    diversity may have moved them since."""
    reasons = ordered.by.explain(candidates, context)
    named = {one.id: why for one, why in zip(candidates, reasons, strict=True)}
    return [replace(hit, reasons=named.get(hit.candidate.id, {})) for hit in shown]


def _by(
    ranker: Ranker, candidates: Sequence[Candidate], context: RankingContext, trouble: list[str]
) -> list[Candidate] | None:
    try:
        return order(candidates, ranker.rank(candidates, context))
    except Exception:
        log.exception("the ranker failed; the blend's order is served")
        trouble.append("ranker: it failed")
        return None


def _described(
    candidates: Sequence[Candidate], context: RankingContext
) -> tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]:
    best = candidates[:RANKED]
    try:
        known = table(best, context)
    except LtrrError:
        return {}, {}  # nothing may learn from it
    query = {name: round(value, 6) for name, value in known.query.items() if value}
    return query, _Rows({one.id: at for at, one in enumerate(best)}, known.row)


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
