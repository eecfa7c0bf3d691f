"""Orders to forget, as the learner meets them: learnt state must be as if somebody had never been.

State that has folded something of theirs is built anew from the journal's beginning, where nothing
of theirs is left. State from before their first entry only has to know whom to pass over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bandit_service.journal.entries import Entry
from bandit_service.journal.reader import Placed, Position


@dataclass(frozen=True, slots=True)
class ForgetOrder:
    """``whose``: see :mod:`.forgotten`; ``at``: when it was given; ``since``: the place of their
    first entry, None where the journal held none; ``place``: of the order itself."""

    whose: str
    at: int
    since: Position | None
    place: Position


def forget_orders(placed: Iterable[Placed]) -> list[ForgetOrder]:
    """The orders to forget among ``placed``."""
    return [
        ForgetOrder(whose, one.entry.recorded_at, _since(one.entry), one.position)
        for one in placed
        if one.entry is not None and (whose := forgets(one.entry)) is not None
    ]


def forgets(entry: Entry) -> str | None:
    """The digest of whom this entry orders to forget; None where it is no such order."""
    if entry.kind != "control" or not isinstance(entry.body, Mapping):
        return None
    whose = entry.body.get("whose")
    named = entry.body.get("name") == "forget" and isinstance(whose, str) and whose
    return str(whose) if named else None


def _since(entry: Entry) -> Position | None:
    try:
        generation, seq_no = entry.body["since"]
        return Position(int(generation), int(seq_no))
    except (KeyError, TypeError, ValueError):
        return None
