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
    """Sum each entity's shares and sort: the highest first, then who was ranked best by any
    strategy, then by id.

    ``shares`` holds per strategy what each of its hits adds, in the order of its hits.
    """
    totals: dict[str, float] = {}
    best: dict[str, int] = {}
    provenance: dict[str, list[Provenance]] = {}
    for result in retrieved:
        strategy = result.strategy
        added = zip(result.hits, shares[strategy], strict=True)
        for rank, ((id, score), share) in enumerate(added, start=1):
            origin = Provenance(strategy, rank, score)
            if id not in totals:
                totals[id], best[id], provenance[id] = share, rank, [origin]
                continue
            totals[id] += share
            best[id] = min(best[id], rank)
            provenance[id].append(origin)
    ranked = sorted(totals, key=lambda id: (-totals[id], best[id], id))
    return [Candidate(id, totals[id], tuple(provenance[id])) for id in ranked]
