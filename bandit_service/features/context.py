"""The context of a query: its words, who asks, when, and what is known from before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bandit_service.features.people import people
from bandit_service.features.query import readings, shape
from bandit_service.features.time import time
from plugin.model import Query

USUAL_COUNTS = (1.0, 10.0, 100.0, 1000.0)
"""Where a query begins to count as asked before, now and then, often, all the time."""
REDUCED = 12
"""Numbers of the reduced query vector."""
_NAMES = 0.3
"""From this likelihood on, a whole query counts as a name, or as a question."""


def featurise(
    query: Query,
    *,
    session_seen: bool = False,
    user_known: bool = False,
    memory_hit: bool = False,
    memory_confidence: float = 0.0,
    asked: float = 0.0,
    nearest: float = 0.0,
    holiday: bool = False,
    eve: bool = False,
    reduced: Sequence[float] = (),
) -> dict[str, float]:
    """The context of ``query``.

    ``session_seen``: this session has asked before; ``user_known``: the user has a history;
    ``memory_hit``: people have chosen something for this very query, with
    ``memory_confidence`` (0..1) in the best of it, and looked at about ``asked`` entities of its
    pages; ``nearest``: the cosine of the nearest other query that people asked; ``holiday`` and
    ``eve``: today or tomorrow is one where the locale is from; ``reduced``: at most REDUCED numbers
    (-1..1) that stand for the query's vector, see :mod:`.basis`.
    """
    return {
        **shape(query.text),
        **readings(query),
        **people(query, session_seen=session_seen, user_known=user_known),
        **time(query.now, holiday=holiday, eve=eve),
        "vector": float(query.vector is not None),
        "filtered": float(bool(query.filters)),
        "types": min(1.0, len(query.types) / 4),
        "one_type": float(len(query.types) == 1),
        "memory_hit": float(memory_hit),
        "memory_confidence": min(1.0, max(0.0, memory_confidence)),
        "asked": min(1.0, math.log1p(max(0.0, asked)) / 8),
        **{f"asked_{count:.0f}": float(asked >= count) for count in USUAL_COUNTS},
        "nearest": min(1.0, max(0.0, nearest)),
        **{f"meaning_{at}": reduced[at] if at < len(reduced) else 0.0 for at in range(REDUCED)},
    }


def kind_of(context: Mapping[str, float]) -> str:
    """The kind of a query, coarsely: what strategies did for others of its kind tells something."""
    if context.get("tokens", 0.0) == 0:
        return "nothing"
    if context.get("read_whole_name", 0.0) >= _NAMES:
        return "name"
    if context.get("question", 0.0) or context.get("intent_question", 0.0) >= _NAMES:
        return "question"
    return "long" if context.get("long", 0.0) else "short"
