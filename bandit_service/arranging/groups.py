"""Groups: a page kind by kind, each led by its best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from plugin.model import Candidate

T = TypeVar("T")

LOOKED_AT = 5
"""A kind gets a group when its best is among the best of this many pages."""


def group(items: Iterable[T], kind: Callable[[T], str]) -> list[tuple[str, list[T]]]:
    """``items`` by kind, in the order of each kind's first; within a kind the order stays."""
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(kind(item), []).append(item)
    return list(groups.items())


def in_groups(
    ranked: Sequence[Candidate], kind: Callable[[Candidate], str], size: int
) -> list[Candidate]:
    """``ranked`` so that every part of ``size`` reads kind by kind, in the order of their best.

    On the first page all kinds that do well have their share of the places, the best kinds first
    where there are more kinds than places; what a kind cannot fill goes to the best of the others.
    Later parts hold the rest in its order, each grouped.
    """
    if not ranked:
        return []
    kinds = group(ranked[: size * LOOKED_AT], kind)
    share = math.ceil(size / len(kinds))
    first = {one.id for _, members in kinds for one in members[:share]}
    page = [one for one in ranked if one.id in first]
    if len(page) > size:  # the last of the fullest groups make room, as far as the share allows
        page = _fitting(page, kind, size)
    taken = {one.id for one in page}
    fill = [one for one in ranked if one.id not in taken]
    missing = size - len(page)
    page = sorted([*page, *fill[:missing]], key=_place(ranked))
    rest = fill[missing:] if missing else fill
    arranged = _flat(page, kind)
    for start in range(0, len(rest), size):
        arranged += _flat(rest[start : start + size], kind)
    return arranged


def _fitting(
    page: Sequence[Candidate], kind: Callable[[Candidate], str], size: int
) -> list[Candidate]:
    """One of every kind in turn until the page is full."""
    queues = [members for _, members in group(page, kind)]
    turns = [
        queue[turn]
        for turn in range(max(map(len, queues)))
        for queue in queues
        if turn < len(queue)
    ]
    return sorted(turns[:size], key=_place(page))


def _place(order: Sequence[Candidate]) -> Callable[[Candidate], int]:
    places = {one.id: at for at, one in enumerate(order)}
    return lambda one: places[one.id]


def _flat(part: Sequence[Candidate], kind: Callable[[Candidate], str]) -> list[Candidate]:
    return [one for _, members in group(part, kind) for one in members]
