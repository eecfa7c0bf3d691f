"""A course: sessions of simulated traffic in one world, with looks at queries that nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.traffic import Asked
from bandit_service.evaluation.loop.world import World
from bandit_service.policies.settled import Settled
from plugin.model import Arm

Reached = Mapping[str, float]
"""Id of a judged query → nDCG@10."""


@dataclass(frozen=True, slots=True)
class Step:
    """One session: its query, the how manieth to ask it, and what its page reached (nDCG@10)."""

    judged: Judged
    visit: int
    ndcg: float
    arm: Arm
    candidates: int


@dataclass(slots=True)
class Course:
    """``steps`` in their order. ``looks``: sessions so far → what never-clicked queries reach then,
    as it would be served, without exploration."""

    steps: list[Step] = field(default_factory=list)
    looks: dict[int, Reached] = field(default_factory=dict)

    def since(self, sessions: int) -> Sequence[Step]:
        """The last ``sessions`` steps."""
        return self.steps[-sessions:]

    def visits(self, first: int, last: int | None = None) -> list[Step]:
        """The steps that were visits ``first`` to ``last`` of their queries."""
        return [
            step
            for step in self.steps
            if step.visit >= first and step.visit <= (last or step.visit)
        ]


def run_course(
    world: World,
    asked: Iterable[Asked],
    looks: Collection[int] = (),
    looked_at: Sequence[Judged] = (),
    progress: Callable[[], None] = lambda: None,
) -> Course:
    """Let the sessions of ``asked`` come; after as many as are in ``looks``, look."""
    course = Course()
    for number, one in enumerate(asked, 1):
        session = world.session(one.judged)
        course.steps.append(
            Step(
                one.judged,
                one.visit,
                session.ndcg,
                session.decision.arm,
                sum(choice.candidates for choice in session.decision.included),
            )
        )
        progress()
        if number in looks:
            course.looks[number] = look(world, looked_at)
    return course


def look(
    world: World, judged: Sequence[Judged], *, without: Collection[str] = ()
) -> dict[str, float]:
    """What ``judged`` reach if they are served now, without exploration (and ``without`` some
    strategies)."""
    scores = world.score(judged, Settled(world.state.policy), without=without)
    return {one.id: score for one, score in zip(judged, scores, strict=True)}
