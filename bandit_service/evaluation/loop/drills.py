"""Drills: a strategy that breaks, and a strong one that is new. Both on queries nobody clicked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.course import look
from bandit_service.evaluation.loop.traffic import Asked
from bandit_service.evaluation.loop.world import World
from bandit_service.policies.settled import Settled

STEP: Final = 20
"""Sessions between two looks."""
LONGEST: Final = 600
GONE: Final = 0.1
"""What is left of the loss when it is said to be gone."""
USED: Final = 0.5
"""The share of queries that a strategy runs for from when it is in use."""


@dataclass(frozen=True, slots=True)
class Broken:
    """How a broken strategy was got over. The loss is what it costs in nDCG@10 to have it, against
    leaving it out: ``lost`` at once; sessions until that was halved and gone, None where it took
    longer than :data:`LONGEST`."""

    strategy: str
    lost: float
    halved_at: int | None
    gone_at: int | None


def strongest(world: World, judged: Sequence[Judged], among: Sequence[str]) -> str:
    """The strategy of ``among`` that has the most say now, without exploration."""
    says: Counter[str] = Counter()
    for answer in world.ask(judged, Settled(world.state.policy)):
        assert answer.decision is not None  # noqa: S101 - first pages have one
        for choice in answer.decision.included:
            says[choice.strategy] += choice.weight  # type: ignore[assignment]
    return max(among, key=lambda name: (says[name], name))


def break_strategy(
    world: World, asked: Iterator[Asked], judged: Sequence[Judged], strategy: str
) -> Broken:
    """From now on ``strategy`` brings what others ask for: its words are right, its hits are not.

    Takes sessions from ``asked`` while it looks how the loss goes.
    """
    world.break_strategy(strategy)
    lost = _costs(world, judged, strategy)
    halved = 0 if lost <= 0 else None
    for sessions in _looks(world, asked):
        left = _costs(world, judged, strategy)
        if halved is None and left <= lost / 2:
            halved = sessions
        if left <= GONE * lost:
            return Broken(strategy, lost, halved, sessions)
    return Broken(strategy, lost, halved, None)


def used_at(
    world: World, asked: Iterator[Asked], judged: Sequence[Judged], strategy: str
) -> int | None:
    """Sessions until ``strategy`` runs for half of ``judged`` without exploration; None where that
    takes longer than :data:`LONGEST`."""
    for sessions in _looks(world, asked):
        answers = world.ask(judged, Settled(world.state.policy))
        decisions = [answer.decision for answer in answers if answer.decision is not None]
        runs = sum(strategy in {choice.strategy for choice in one.included} for one in decisions)
        if runs >= USED * len(decisions):
            return sessions
    return None


def _looks(world: World, asked: Iterator[Asked]) -> Iterator[int]:
    for sessions in range(STEP, LONGEST + 1, STEP):
        for _ in range(STEP):
            world.session(next(asked).judged)
        yield sessions


def _costs(world: World, judged: Sequence[Judged], strategy: str) -> float:
    without = look(world, judged, without=(strategy,))
    return (sum(without.values()) - sum(look(world, judged).values())) / len(judged)
