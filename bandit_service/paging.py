"""The ranked list of a query inside the journal entry of its first page, and back again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugin.model import Candidate, Provenance


@dataclass(frozen=True, slots=True)
class Ranked:
    """A query's whole list, best first, with what each entity's provenance was.

    ``collapsed``: entity → ids of the near-duplicates that it stands for.
    """

    candidates: tuple[Candidate, ...]
    policy_version: str
    collapsed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def drawn(
    ranked: Sequence[Candidate],
    policy_version: str,
    collapsed: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """Scores and provenance of the ranked list, compactly.

    ``scores`` has one per candidate; ``strategies`` maps a strategy to triples of (index in the
    list, rank, score). A click on a later page is credited to strategies by this.
    """
    strategies: dict[str, list[list[float]]] = {}
    for at, candidate in enumerate(ranked):
        for origin in candidate.provenance:
            strategies.setdefault(origin.strategy, []).append([at, origin.rank, origin.score])
    return {
        "policy_version": policy_version,
        "scores": [candidate.score for candidate in ranked],
        "strategies": strategies,
        "collapsed": {id: list(others) for id, others in (collapsed or {}).items()},
    }


def ranked_of(page: Mapping[str, Any]) -> Ranked:
    """Read the list back from the body of a first page's entry."""
    ids: list[str] = page["ranked"]
    kept: Mapping[str, Any] = page.get("drawn") or {}
    scores = kept.get("scores") or [0.0] * len(ids)
    provenance: list[list[Provenance]] = [[] for _ in ids]
    for strategy, triples in kept.get("strategies", {}).items():
        for at, rank, score in triples:
            provenance[int(at)].append(Provenance(strategy, int(rank), float(score)))
    return Ranked(
        tuple(
            Candidate(id, float(score), tuple(origins))
            for id, score, origins in zip(ids, scores, provenance, strict=True)
        ),
        str(kept.get("policy_version", "")),
        {id: tuple(others) for id, others in (kept.get("collapsed") or {}).items()},
    )
