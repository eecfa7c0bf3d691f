"""Collapse: of entities that look the same to a person, the best stands for the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from plugin.model import Candidate

Values = Mapping[str, Mapping[str, Any]]
"""Entity → field → its doc values, always a list."""


def collapse(
    ranked: Sequence[Candidate],
    values: Values,
    fields: Sequence[str],
    keep: Collection[str] = (),
) -> tuple[list[Candidate], dict[str, tuple[str, ...]]]:
    """The list without what its betters stand for, and who stands for whom (ids, best first).

    Two entities are the same when they have the same values in all ``fields``, in any order; one
    that lacks a value is never the same as another. Those to ``keep`` stay, and stand for others
    wherever they are ranked.
    """
    if not fields:
        return list(ranked), {}
    keys = {one.id: _key(values.get(one.id, {}), fields) for one in ranked}
    first: dict[tuple[tuple[str, ...], ...], str] = {}
    for candidate in sorted(ranked, key=lambda one: one.id not in keep):
        key = keys[candidate.id]
        if key is not None:
            first.setdefault(key, candidate.id)
    kept: list[Candidate] = []
    folded: dict[str, list[str]] = {}
    for candidate in ranked:
        key = keys[candidate.id]
        stands = candidate.id if key is None else first[key]
        if stands == candidate.id or candidate.id in keep:
            kept.append(candidate)
        else:
            folded.setdefault(stands, []).append(candidate.id)
    return kept, {id: tuple(others) for id, others in folded.items()}


def _key(known: Mapping[str, Any], fields: Sequence[str]) -> tuple[tuple[str, ...], ...] | None:
    parts = tuple(tuple(sorted(map(str, known.get(field) or ()))) for field in fields)
    return parts if all(parts) else None
