"""What words wish of a page beside what they name: "new pop" wants the newer of what is pop.

Few strategies know when an entity came out, so what they agree on is old and well known. As a
factor per entity the wish holds for all they bring, as far as the words are likely to be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bandit_service.arranging.collapse import Values
from plugin.model import Slot

STRENGTH = 12.0
"""A wish that is certain makes what came out today thirteen times as relevant. The one word "new"
is read with a likelihood of about .4: what is fortieth on a page of the old then comes first."""
HALF_AT_DAYS = 500.0
"""The age that is half as good as none."""
_DAY_MS = 86_400_000


def newness(slots: Sequence[Slot], values: Values, now: datetime) -> Mapping[str, float]:
    """Entity → factor above 1, for those that came out and where something new is wished for.

    ``values`` are doc values of entities; a slot of the role ``recent`` names the field of dates.
    """
    wish = max((slot for slot in slots if slot.role == "recent"), key=_likelihood, default=None)
    if wish is None:
        return {}
    factors = {}
    for id, known in values.items():
        age = _age_days(known.get(wish.field), now)
        if age is not None:
            factors[id] = 1.0 + STRENGTH * wish.likelihood * HALF_AT_DAYS / (HALF_AT_DAYS + age)
    return factors


def _likelihood(slot: Slot) -> float:
    return slot.likelihood


def _age_days(dates: Sequence[object] | None, now: datetime) -> float | None:
    """The age of the latest of ``dates`` (milliseconds since 1970) that is not ahead; None without
    one."""
    now_ms = now.timestamp() * 1000
    ages = [
        (now_ms - date) / _DAY_MS
        for date in dates or ()
        if isinstance(date, int | float) and date <= now_ms
    ]
    return min(ages, default=None)
