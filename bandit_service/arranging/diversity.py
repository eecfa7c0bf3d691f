"""Diversity: not ten times the same kind, nor ten times the same maker, where others fit as well.

The greedy selection of xQuAD (Santos, Macdonald, Ounis, "Exploiting Query Reformulations for Web
Search Result Diversification", WWW 2010): the next place goes to the candidate with the greatest

    (1 − λ) · r  +  λ · r · mean over fields of  Π (1 − r'/2)  over the chosen with the same value

Here the aspects are not reformulations but the values of configured fields (type, maker …), all
equally likely, and half of an entity's relevance counts as satisfying its aspects. Relevance r is
1 / (1 + place/10), because of a ranker's scores only the order means something; where nothing was
asked, nothing is much more relevant than something else, and it falls four times as slowly.

What is added by a candidate can only shrink while others are chosen (the objective is submodular),
so that a stale value is an upper bound: the accelerated greedy algorithm (Minoux 1978) finds the
same order and looks at few candidates again.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from bandit_service.arranging.collapse import Values
from plugin.model import Candidate

REACH = 100
"""How far down the list the order changes: beyond, nobody notices what they see too much of."""
HALF_AT = 10.0
HALF_AT_THE_START = 40.0
"""The place (from 0) of half the relevance, for queries with words and for those without."""
_SATISFIES = 0.5


def relevance(place: int, half_at: float = HALF_AT) -> float:
    """The relevance (0..1) of what is ranked at ``place`` (0 is the best)."""
    return 1.0 / (1.0 + place / half_at)


def diversify(
    ranked: Sequence[Candidate],
    values: Values,
    fields: Sequence[str],
    strength: float,
    chosen: Sequence[Candidate] = (),
    half_at: float = HALF_AT,
) -> list[Candidate]:
    """``ranked`` in an order that tells more kinds of things early; the best stays first.

    ``strength`` is λ (0..1): 0 changes nothing. ``chosen`` stand above the list already, and count.
    The same input gives the same order.
    """
    if strength <= 0 or not fields or len(ranked) < 3:
        return list(ranked)
    near, rest = ranked[:REACH], ranked[REACH:]
    aspects = [_aspects(candidate, values, fields) for candidate in near]
    worths = [relevance(place, half_at) for place in range(len(near))]
    left: dict[tuple[int, str], float] = {}  # aspect → Π (1 − r'/2) over those chosen

    def choose(known: list[list[tuple[int, str]]], worth: float) -> None:
        for group in known:
            for aspect in group:
                left[aspect] = left.get(aspect, 1.0) * (1.0 - _SATISFIES * worth / len(group))

    def gain(place: int) -> float:
        groups = aspects[place]
        new = 1.0
        if groups:
            new = sum(
                sum([left.get(aspect, 1.0) for aspect in group]) / len(group) for group in groups
            ) / len(groups)
        return worths[place] * (1.0 - strength + strength * new)

    for candidate in chosen:
        choose(_aspects(candidate, values, fields), 1.0)
    order: list[int] = []
    if not chosen:
        order.append(0)
        choose(aspects[0], 1.0)
    heap = [(-gain(place), place) for place in range(len(order), len(near))]
    heapq.heapify(heap)
    while heap:
        _, place = heapq.heappop(heap)
        now = (-gain(place), place)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        order.append(place)
        choose(aspects[place], worths[place])
    return [near[place] for place in order] + list(rest)


def _aspects(
    candidate: Candidate, values: Values, fields: Sequence[str]
) -> list[list[tuple[int, str]]]:
    """For each field of which the candidate has values, those values."""
    known = values.get(candidate.id, {})
    found = (
        [(at, str(value)) for value in known.get(field) or ()] for at, field in enumerate(fields)
    )
    return [group for group in found if group]
