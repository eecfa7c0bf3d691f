"""Rank: the order of a page's candidates, who made it, and what it can be learnt from."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bandit_service.arranging.arrange import kind_of
from bandit_service.page import Shown
from bandit_service.policies.contest import BOTH
from bandit_service.ranking import observed
from bandit_service.ranking.base import RankingContext, order
from bandit_service.ranking.interleaving import Draft, Team, team_draft
from bandit_service.ranking.matching import words_of
from bandit_service.ranking.observed import Before
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
    weighed with that. ``draft``: where two orders drafted the page: of a ranker and the blend or,
    under their names, of two ``policies``."""

    candidates: list[Candidate]
    version: str
    query: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    draft: Draft | None = None
    opponent: str = ""
    by: Ranker = BLEND
    before: Before = Before()
    policies: Mapping[Team, str] | None = None

    def on_page(self, ids: Sequence[str]) -> dict[str, Any]:
        """What the page's entry says of the ranking of what it shows."""
        said: dict[str, Any] = {
            "query": dict(self.query),
            "rows": [dict(self.rows[id]) if id in self.rows else None for id in ids],
        }
        if self.draft is not None:
            there = set(ids)
            said["swappable"] = [pair for pair in self.draft.swappable if there.issuperset(pair)]
            if self.policies is not None:
                # Under a name of its own: it says nothing of rankers.
                said["policies"] = [self._policy(id, self.draft, self.policies) for id in ids]
                return said
            said["teams"] = [self.draft.teams.get(id) for id in ids]
            said["versions"] = {"model": self.opponent, "blend": BLEND.version}
        return said

    @staticmethod
    def _policy(id: str, draft: Draft, names: Mapping[Team, str]) -> str | None:
        team = draft.teams.get(id)
        return BOTH if id in draft.agreed else names[team] if team else None


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


def ordered(lineup: Lineup, pool: Pool, query_id: str, trouble: list[str]) -> Ordered:
    """The candidates of ``pool`` as they are to be shown.

    A ranker that fails costs its order, not the page: it is added to ``trouble``, and the blend
    orders it.
    """
    query, rows = _described(pool)
    before = pool.context.before
    model = lineup.model if lineup.interleaved(query_id) else None
    by = model or lineup.serving
    ranked = _by(by, pool, trouble)
    if ranked is None:
        return Ordered(_blend(pool), BLEND.version, query, rows, before=before)
    if model is None:
        return Ordered(ranked, by.version, query, rows, by=by, before=before)
    draft = team_draft(ranked, _blend(pool), _dice(query_id))
    version = f"{by.version} and {BLEND.version}"
    return Ordered(draft.order, version, query, rows, draft, by.version, by, before)


def drafted(
    lineup: Lineup, pool: Pool, rivals: Mapping[str, Pool], query_id: str, trouble: list[str]
) -> Ordered:
    """The candidates of ``pool`` as two policies draft them, each from what it alone would have
    shown, the incumbent's first. Whoever serves among rankers orders both."""
    by = lineup.serving
    query, rows = _described(pool)
    incumbent, challenger = rivals
    orders = _each_by(by, rivals, trouble)
    if orders is None:
        # Both sides: a page that compares policies must not compare rankers too.
        by, orders = BLEND, {name: _blend(one) for name, one in rivals.items()}
    draft = team_draft(orders[challenger], orders[incumbent], _dice(query_id))
    whole = {one.id: one for one in pool.candidates}
    # What brought a candidate counts, whoever asked for it.
    order = [whole.pop(one.id) for one in draft.order]
    return Ordered(
        [*order, *whole.values()],
        by.version,
        query,
        rows,
        draft,
        by=by,
        before=pool.context.before,
        policies={"model": challenger, "blend": incumbent},
    )


def likely_order(candidates: Sequence[Candidate], before: Before) -> list[Candidate]:
    """About how ``candidates`` will stand, before anything was read of them."""
    return _weighed(candidates, [one.score for one in candidates], before)


def explained(ordered: Ordered, shown: Sequence[Shown], pool: Pool) -> list[Shown]:
    """``shown`` with what added to the scores by which ``pool`` was ordered; rules and diversity
    may have moved them since."""
    scored = ordered.by.explain(pool)
    reasons = observed.explained(pool.candidates, scored, ordered.before)
    named = {one.id: why for one, why in zip(pool.candidates, reasons, strict=True)}
    return [replace(hit, reasons=named.get(hit.candidate.id, {})) for hit in shown]


def _dice(query_id: str) -> random.Random:
    return random.Random(f"{query_id} drafts")  # noqa: S311 - no secret


def _by(ranker: Ranker, pool: Pool, trouble: list[str]) -> list[Candidate] | None:
    try:
        return _weighed(pool.candidates, ranker.rank(pool), pool.context.before)
    except Exception:
        log.exception("the ranker failed; the blend's order is served")
        trouble.append("ranker: it failed")
        return None


def _each_by(
    ranker: Ranker, pools: Mapping[str, Pool], trouble: list[str]
) -> dict[str, list[Candidate]] | None:
    orders = {}
    for name, pool in pools.items():
        ranked = _by(ranker, pool, trouble)
        if ranked is None:
            return None
        orders[name] = ranked
    return orders


def _blend(pool: Pool) -> list[Candidate]:
    return likely_order(pool.candidates, pool.context.before)


def _weighed(
    candidates: Sequence[Candidate], scores: Sequence[float], before: Before
) -> list[Candidate]:
    return order(candidates, observed.weighed(candidates, scores, before))


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
