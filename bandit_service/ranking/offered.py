"""The caller's own candidates: to be ranked whether a strategy brings them or not."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.model import Candidate, Provenance

CALLER = "caller"
"""Stands in a candidate's provenance where a strategy's name would. No strategy earns by it."""


def join(candidates: Sequence[Candidate], ids: Sequence[str]) -> list[Candidate]:
    """``candidates``, then what was offered and brought by none, in the caller's order."""
    there = {one.id for one in candidates}
    missing = [
        Candidate(id, 0.0, (Provenance(CALLER, place, 0.0),))
        for place, id in enumerate(dict.fromkeys(ids), start=1)
        if id not in there
    ]
    return [*candidates, *missing]
