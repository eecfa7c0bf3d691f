"""What the journal holds: entries of four kinds, joined by their query id.

An entry is created once, under its own id, and never rewritten. Its body is plain JSON so that a
journal written today can be read by any later version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from plugin.model import ArmChances, Candidate, Decision, Query

Kind = Literal["decision", "page", "feedback", "control"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry.

    ``id`` is unique for ever and the same when a write is retried. ``recorded_at`` is stamped by
    the process that wrote it, in epoch milliseconds. ``index`` is the journal index it belongs to.
    ``session``, ``user`` and ``client`` (a device or an address) are keyed hashes.
    """

    id: str
    kind: Kind
    index: str
    recorded_at: int
    body: Mapping[str, Any]
    query_id: str | None = None
    session: str | None = None
    user: str | None = None
    learn: bool = True
    client: str | None = None


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware ``moment``."""
    return int(moment.timestamp() * 1000)


def decision_entry(
    query_id: str,
    index: str,
    query: Query,
    decision: Decision,
    context: Mapping[str, float],
    *,
    learn: bool = True,
    strategies: Mapping[str, Mapping[str, float]] | None = None,
    client: str | None = None,
) -> Entry:
    """A decision, to be appended before it is carried out.

    ``context`` and ``strategies`` (strategy → features) hold what the policy saw, by name, so that
    a learner needs nothing else to learn from it, now or in a replay after the assets changed.
    """
    return Entry(
        id=f"{query_id}:d",
        kind="decision",
        index=index,
        recorded_at=epoch_ms(query.now),
        query_id=query_id,
        session=query.session,
        user=query.user,
        learn=learn,
        client=client,
        body={
            "query": query.text,
            "memory_key": query.memory_key,
            "types": list(query.types),
            "filtered": bool(query.filters),
            "arm": decision.arm,
            "arm_probability": decision.arm_probability,
            # Of each arm that might have decided, given which each strategy runs by itself.
            "arms": [
                {
                    "arm": one.arm,
                    "probability": one.probability,
                    "propensities": dict(one.propensities),
                    "fallback": one.fallback,
                }
                for one in decision.arms
            ],
            "policy_version": decision.policy_version,
            "context": dict(context),
            "strategies": {name: dict(known) for name, known in (strategies or {}).items()},
            "choices": [
                {
                    "strategy": choice.strategy,
                    "value": choice.value,
                    "propensity": choice.propensity,
                    "included": choice.included,
                    "candidates": choice.candidates,
                    "weight": choice.weight,
                }
                for choice in decision.choices
            ],
            **_rivals(decision),
        },
    )


def arms_of(body: Mapping[str, Any]) -> tuple[ArmChances, ...]:
    """The arms in the ``body`` of a decision; none in journals of before all were logged.

    Raises:
        KeyError, TypeError, ValueError: the body is not a decision's.
    """
    return tuple(
        ArmChances(
            one["arm"],
            float(one["probability"]),
            {name: float(chance) for name, chance in one["propensities"].items()},
            one["fallback"],
        )
        for one in body.get("arms") or ()
    )


def _rivals(decision: Decision) -> dict[str, Any]:
    """Of a page that two policies share, what each ran, with candidates and weight."""
    if not decision.rivals:
        return {}
    return {
        "rivals": {
            name: {
                "policy_version": one.policy_version,
                "ran": {each.strategy: [each.candidates, each.weight] for each in one.included},
            }
            for name, one in decision.rivals.items()
        }
    }


def page_entry(
    query_id: str,
    index: str,
    query: Query,
    now: datetime,
    shown: list[tuple[Candidate, str]],
    start: int,
    ranked: list[str] | None,
    *,
    ranker_version: str,
    degraded: list[str],
    ranking: Mapping[str, Any] | None = None,
    learn: bool = True,
    drawn: Mapping[str, Any] | None = None,
    positions: Sequence[int] | None = None,
    client: str | None = None,
) -> Entry:
    """What was shown: ``shown`` are (candidate, entity type) in page order, the first at ``start``.

    ``positions`` (from 1) say where each was shown, where some places of the list are empty now:
    else they follow each other. ``ranked`` is the whole ranked id list (at most 1,000) on the first
    page, None on later ones; with it goes ``drawn``, its scores and provenance (see
    :mod:`bandit_service.paging`). ``ranking``: what the order can be learnt from and judged by, see
    :class:`bandit_service.ordering.Ordered`. The id of a later page's entry ends in how far it
    goes, so that two pages of different size that begin alike are two entries; before 0.1 it ended
    in ``start``.
    """
    places = positions or range(start + 1, start + 1 + len(shown))
    part = f"p:{start}" if ranked is not None else f"p:{start}:{max(places, default=start) - start}"
    return Entry(
        id=f"{query_id}:{part}",
        kind="page",
        index=index,
        recorded_at=epoch_ms(now),
        query_id=query_id,
        session=query.session,
        user=query.user,
        learn=learn,
        client=client,
        body={
            "from": start,
            "query": query.text,
            "memory_key": query.memory_key,
            "shown": [
                {
                    "id": candidate.id,
                    "type": entity_type,
                    "position": position,
                    "score": candidate.score,
                    "provenance": [[p.strategy, p.rank, p.score] for p in candidate.provenance],
                }
                for position, (candidate, entity_type) in zip(places, shown, strict=True)
            ],
            "ranked": ranked,
            "drawn": drawn,
            "ranker_version": ranker_version,
            "ranking": ranking,
            "degraded": degraded,
        },
    )


def feedback_entry(
    query_id: str,
    index: str,
    event_id: str,
    now: datetime,
    event: Mapping[str, Any],
    *,
    session: str | None,
    user: str | None,
    client: str | None = None,
    learn: bool = True,
) -> Entry:
    """One thing a person did with a page.

    ``event`` holds ``object_id``, ``action`` and, where known, ``position`` (1 is the top),
    ``dwell_ms``, ``value`` and the client's own ``timestamp``. The same ``event_id`` is the same
    event, however often it is sent.
    """
    return Entry(
        id=f"{query_id}:f:{event_id}",
        kind="feedback",
        index=index,
        recorded_at=epoch_ms(now),
        query_id=query_id,
        session=session,
        user=user,
        learn=learn,
        client=client,
        body=dict(event),
    )


def control_entry(control_id: str, index: str, now: datetime, name: str, body: Any) -> Entry:
    """An order to the learner: ``name`` is forget, or one of those of :mod:`.controls`."""
    return Entry(
        id=f"control:{control_id}",
        kind="control",
        index=index,
        recorded_at=epoch_ms(now),
        body={"name": name, **body},
    )
