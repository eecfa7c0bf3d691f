"""Two orders on one page: team-draft interleaving.

Radlinski, Kurup, Joachims, "How does clickthrough data reflect retrieval quality?", CIKM 2008: the
teams take turns, a coin decides who begins each turn, and each takes its best that is not taken.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from plugin.model import Candidate

Team = Literal["model", "blend"]


@dataclass(frozen=True, slots=True)
class Draft:
    """``order``: the candidates; ``teams``: id → who drafted it; ``swappable``: pairs of ids, the
    upper first, that stood the other way round had the coin fallen so; ``agreed``: ids of which
    only the coin says whose they are, for either team would have put them there."""

    order: list[Candidate]
    teams: dict[str, Team]
    swappable: list[tuple[str, str]]
    agreed: set[str] = field(default_factory=set)


def team_draft(
    model: Sequence[Candidate], blend: Sequence[Candidate], dice: random.Random
) -> Draft:
    """One order of all candidates; what only one of the two orders holds is drafted by its team."""
    queues: dict[Team, list[Candidate]] = {
        "model": list(reversed(model)),
        "blend": list(reversed(blend)),
    }
    order: list[Candidate] = []
    teams: dict[str, Team] = {}
    swappable: list[tuple[str, str]] = []
    agreed: set[str] = set()
    while True:
        wanted, other = _next(queues["model"], teams), _next(queues["blend"], teams)
        if wanted is None and other is None:
            return Draft(order, teams, swappable, agreed)
        first: Team = "model" if dice.random() < 0.5 else "blend"
        for team in (first, "blend" if first == "model" else "model"):
            if _next(queues[team], teams) is None:
                continue
            if wanted == other and _next(queues["model"], teams) == _next(queues["blend"], teams):
                agreed.add(queues[team][-1].id)
            taken = queues[team].pop()
            order.append(taken)
            teams[taken.id] = team
        if wanted != other and wanted is not None and other is not None:
            swappable.append((order[-2].id, order[-1].id))


def _next(queue: list[Candidate], teams: Mapping[str, Team]) -> str | None:
    """Whom a team would take now, if anyone is left to it."""
    while queue and queue[-1].id in teams:
        queue.pop()
    return queue[-1].id if queue else None


def outcome(teams: Mapping[str, Team], grades: Mapping[str, float]) -> float | None:
    """(model − blend) / both (−1..1) of what was chosen; None where nothing of theirs was."""
    won = {"model": 0.0, "blend": 0.0}
    for entity, grade in grades.items():
        if grade > 0 and entity in teams:
            won[teams[entity]] += grade
    both = won["model"] + won["blend"]
    return (won["model"] - won["blend"]) / both if both > 0 else None
