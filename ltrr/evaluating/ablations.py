"""Each part switched off in turn: what would be missed without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from bandit_service.evaluation.baselines import by_kind
from bandit_service.evaluation.loop.course import look, run_course
from ltrr.evaluating.queries import Options, Queries, new_world
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings

MOST: Final = 5_000
"""Sessions of each; half of the study's where it has fewer."""
LAST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """What is different: ``settings`` by name, and which strategies or families are ``off``."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    off: frozenset[str] = frozenset()


CHANGES: Final[Mapping[str, Change]] = {
    "nothing": Change(),
    "no memory": Change({"memory_sessions": 1_000_000}),
    "memory as evidence only": Change(off=frozenset({"memory", "semantic memory"})),
    "no semantic memory": Change(off=frozenset({"semantic memory"})),
    "memory of single sessions": Change({"memory_sessions": 1}),
    "no ranker": Change({"ranker": "off"}),
    "no query adapter": Change(off=frozenset({"adapted_dense"})),
    "baseline instead of the policy": Change({"policy": "static"}),
    "uniform instead of the policy": Change({"policy": "uniform"}),
    "least squares": Change({"policy": "rls"}),
    "Thompson sampling": Change({"policy": "thompson"}),
    "reciprocal ranks": Change({"blender": "rrf"}),
    "no exploration": Change({"floor": 0.0, "everything": 0.0}),
}


def ablation(settings: Settings, options: Options, name: str) -> dict[str, Any]:
    """nDCG@10 with one of :data:`CHANGES`: of never-clicked queries by kind, and of the last 1,000
    pages that were served; one seed."""
    change = CHANGES[name]
    changed: Settings = replace(settings, **change.settings)
    queries = Queries.of(options)
    # Decisions are seeded by the world's name: the same for all, so that only the part differs.
    world = new_world(changed, options, queries, "ablation")
    strategies = parts_of(changed).strategies
    world.admit(tuple(one for one in strategies if not change.off & {one.name, one.family}))
    sessions = min(MOST, options.sessions // 2)
    course = run_course(world, islice(queries.traffics[0], sessions))
    reached = look(world, queries.measured)
    served = [step.ndcg for step in course.since(LAST)]
    return {
        "never_clicked": {
            kind: round(sum(reached[one.id] for one in judged) / len(judged), 4)
            for kind, judged in by_kind(queries.measured).items()
        },
        "served": round(sum(served) / len(served), 4),
        "sessions": sessions,
    }
