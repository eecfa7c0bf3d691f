"""How many candidates each included strategy may draw, and how much it has to say."""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 10
"""Candidates below which drawing at all is not worth the round trip."""


def shares(strengths: Mapping[str, float]) -> dict[str, float]:
    """``strengths`` (0 or more) divided by their sum; equal parts where all are 0."""
    total = sum(strengths.values())
    if total <= 0:
        return dict.fromkeys(strengths, 1 / len(strengths)) if strengths else {}
    return {name: strength / total for name, strength in strengths.items()}


def allocate(parts: Mapping[str, float], budget: int) -> dict[str, int]:
    """Divide ``budget`` candidates in proportion to ``parts`` (summing to 1), each at least LEAST.

    The result sums to ``budget``, unless there are more strategies than candidates: then each may
    draw one. Remainders go to the largest fractions, then by name.
    """
    if not parts:
        return {}
    least = min(LEAST, max(1, budget // len(parts)))
    rest = max(0, budget - least * len(parts))
    exact = {name: part * rest for name, part in parts.items()}
    counts = {name: least + int(amount) for name, amount in exact.items()}
    left = max(0, budget - sum(counts.values()))
    by_fraction = sorted(exact, key=lambda name: (int(exact[name]) - exact[name], name))
    for name in by_fraction[:left]:
        counts[name] += 1
    return counts
