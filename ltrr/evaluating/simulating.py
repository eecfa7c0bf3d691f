"""Simulated sessions over recorded answers, for a summary: ``ltrr simulate --recorded``."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bandit_service.evaluation.loop.course import run_course
from bandit_service.evaluation.loop.people import Cascade, People, PositionBased
from ltrr.evaluating.queries import Options, Queries, new_world
from ltrr.settings import Settings

CLICKS: dict[str, People] = {"position": PositionBased(), "cascade": Cascade()}


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of it. ``ndcg_*``: means of what was served in the first and the last third."""

    simulated: bool
    seed: int
    sessions: int
    queries: int
    choices: int
    ndcg_first_third: float
    ndcg_last_third: float
    sessions_per_s: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def simulate_recorded(
    settings: Settings, data: Path, sessions: int, seed: int, clicks: str
) -> Summary:
    """Let ``sessions`` sessions ask the judged queries of ``data``.

    Raises:
        InvalidRequest: the data cannot be read or split.
        Unavailable: something has to be recorded, and cannot be.
    """
    options = Options(data=data, sessions=sessions, seeds=seed + 1, short=True)
    asked = Queries.of(options).traffics[seed]
    queries = Queries((asked,), tuple({one.judged.id: one.judged for one in asked}.values()), ())
    world = new_world(settings, options, queries, f"seed-{seed}", CLICKS[clicks])
    started = time.process_time()
    course = run_course(world, asked)
    took = time.process_time() - started
    third = max(1, len(course.steps) // 3)
    reached = [step.ndcg for step in course.steps]
    return Summary(
        simulated=True,
        seed=seed,
        sessions=len(course.steps),
        queries=len({step.judged.id for step in course.steps}),
        choices=world.state.counts.get("choice", 0),
        ndcg_first_third=round(sum(reached[:third]) / third, 4),
        ndcg_last_third=round(sum(reached[-third:]) / third, 4),
        sessions_per_s=round(len(course.steps) / max(1e-6, took), 1),
    )
