"""What every blending method keeps to, and the parts that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from plugin.model import Candidate, Provenance, Retrieved


class Blender(Protocol):
    """A pure function from what was retrieved to one ranked list of candidates."""

    name: str

    def blend(
        self, retrieved: Sequence[Retrieved], weights: Mapping[str, float]
    ) -> list[Candidate]:
        """Join ``retrieved`` into candidates, best first.

        ``weights`` is each strategy's say by name; a strategy without one has none (0). Every
        entity of every strategy is in the result once, and knows each strategy that brought it.
        The order is the same for the same input, ties included.
        """
        ...


def join(retrieved: Iterable[Retrieved], shares: Mapping[str, Sequence[float]]) -> list[Candidate]:
    """Sum each entity's shares and sort.

    ``shares`` holds per strategy what each of its hits adds, in the order of its hits.
    """
    totals: dict[str, float] = {}
    provenance: dict[str, list[Provenance]] = {}
    for result in retrieved:
        for rank, (hit, share) in enumerate(
            zip(result.hits, shares[result.strategy], strict=True), start=1
        ):
            totals[hit.id] = totals.get(hit.id, 0.0) + share
            provenance.setdefault(hit.id, []).append(Provenance(result.strategy, rank, hit.score))
    return ranked(Candidate(id, score, tuple(provenance[id])) for id, score in totals.items())


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Best score first; then who was ranked best by any strategy; then by id."""
    return sorted(
        candidates,
        key=lambda candidate: (
            -candidate.score,
            min((origin.rank for origin in candidate.provenance), default=0),
            candidate.id,
        ),
    )
