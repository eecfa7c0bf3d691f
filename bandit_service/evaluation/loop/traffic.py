"""Who asks what, one session after another: traffic whose queries repeat as real ones do.

Queries have a popularity of 1/rank (Zipf; for queries of search engines see Baeza-Yates et al.,
"The Impact of Caching on Search Engines", SIGIR 2007), in an order of chance. With a fixed
probability a session asks what nobody asked before, the popular sooner; else it asks again what
some earlier one asked, by popularity. So how much is new does not change with time, until in the
end there is nothing new left.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bandit_service.evaluation.judgments import Judged

NEW: Final = 0.2
"""How often a query is new: one in five."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One session: its query, and the how manieth session it is to ask it (1 is the first)."""

    judged: Judged
    visit: int


def traffic(
    judged: Sequence[Judged], sessions: int, rng: random.Random, *, new: float = NEW
) -> Iterator[Asked]:
    """``sessions`` sessions over ``judged``. The same ``rng``, the same."""
    queries = sorted(judged, key=lambda one: one.id)
    rng.shuffle(queries)
    # Drawn without replacement in proportion to popularity (Efraimidis and Spirakis 2006): in the
    # order of exponential waiting times.
    waits = {one.id: rng.expovariate(1.0) * rank for rank, one in enumerate(queries, 1)}
    popularity = {one.id: 1 / rank for rank, one in enumerate(queries, 1)}
    waiting = sorted(queries, key=lambda one: -waits[one.id])
    asked: list[Judged] = []
    sums: list[float] = []
    visits: dict[str, int] = {}
    for _ in range(sessions):
        if not asked or (waiting and rng.random() < new):
            one = waiting.pop()
            asked.append(one)
            sums.append((sums[-1] if sums else 0.0) + popularity[one.id])
        else:
            at = bisect_right(sums, rng.random() * sums[-1])
            one = asked[min(at, len(asked) - 1)]
        visits[one.id] = visits.get(one.id, 0) + 1
        yield Asked(one, visits[one.id])
