"""Two orders on one page: team-draft interleaving.

Radlinski, Kurup, Joachims, "How does clickthrough data reflect retrieval quality?", CIKM 2008: the
teams take turns, a coin decides who begins each turn, and each takes its best that is not taken.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from plugin.model import Candidate

Team = Literal["model", "blend"]


@dataclass(frozen=True, slots=True)
class Draft:
    """``order``: the candidates; ``teams``: id → who drafted it; ``swappable``: pairs of ids, the
    upper first, that stood the other way round had the coin fallen so."""

    order: list[Candidate]
    teams: dict[str, Team]
    swappable: list[tuple[str, str]]


def team_draft(
    model: Sequence[Candidate], blend: Sequence[Candidate], dice: random.Random
) -> Draft:
    """One order of the candidates that both orders hold."""
    queues: dict[Team, list[Candidate]] = {
        "model": list(reversed(model)),
        "blend": list(reversed(blend)),
    }
    order: list[Candidate] = []
    teams: dict[str, Team] = {}
    swappable: list[tuple[str, str]] = []
    while len(order) < len(model):
        first: Team = "model" if dice.random() < 0.5 else "blend"
        free = _next(queues["model"], teams) != _next(queues["blend"], teams)
        for team in (first, "blend" if first == "model" else "model"):
            if _next(queues[team], teams) is not None:
                taken = queues[team].pop()
                order.append(taken)
                teams[taken.id] = team
        if free and len(order) % 2 == 0:
            swappable.append((order[-2].id, order[-1].id))
    return Draft(order, teams, swappable)


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
