"""Logs of a world that stands still: what policies show and what people choose; nothing is learnt.

With few strategies, all that can be shown for a query can be listed: one page for each subset that
may run. Any number of logs is then drawn from the list, and what a policy earns is a sum over it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.people import People
from bandit_service.evaluation.loop.world import World
from bandit_service.evaluation.off_policy.evaluate import Deciding
from bandit_service.evaluation.off_policy.logged import REWARDS, Logged
from bandit_service.learner.credit import Grades
from bandit_service.policies.base import Eligible, Features, Policy
from bandit_service.policies.inclusion import draw, probability
from bandit_service.policies.rules import InverseGap
from bandit_service.policies.settled import Settled
from plugin.model import ArmChances, Decision

ACTION = "click"
"""What simulated people do with what they choose."""

Subset = frozenset[str]


class Only(InverseGap):
    """A rule of exploration that wants the strategies of ``names`` and no others."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = frozenset(names)

    def wishes(
        self, context: Features, eligible: Eligible, values: Features, pages: int
    ) -> dict[str, float]:
        return {name: float(name in self._names) for name in values}


@dataclass(frozen=True, slots=True)
class Listed:
    """All that can be shown for one query: what a policy is told of it, what it values strategies
    at, and the ids on the page of each subset."""

    judged: Judged
    context: Features
    strategies: Eligible
    values: Features
    pages: Mapping[Subset, tuple[str, ...]]


def listed(
    world: World, judged: Sequence[Judged], running: Callable[[Subset], Policy]
) -> list[Listed]:
    """The pages of ``judged`` for every subset of the world's strategies; ``running`` gives the
    policy under which exactly these run, as far as they are eligible."""
    names = sorted(strategy.name for strategy in world.strategies)
    pages: list[dict[Subset, tuple[str, ...]]] = [{} for _ in judged]
    noted: list[tuple[Features, Eligible, Decision]] = []
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            watched = _Watched(running(frozenset(chosen)))
            noted = watched.noted
            for at, answer in enumerate(world.ask(judged, watched)):
                ran = frozenset(one.strategy for one in noted[at][2].included)
                pages[at][ran] = tuple(hit.candidate.id for hit in answer.shown)
    return [
        Listed(one, context, eligible, {c.strategy: c.value for c in decision.choices}, there)
        for one, (context, eligible, decision), there in zip(judged, noted, pages, strict=True)
    ]


class KnownArms:
    """The arms of a policy for listed queries, worked out once."""

    def __init__(self, policy: Deciding, queries: Sequence[Listed]) -> None:
        self._arms = {id(one.context): policy.arms(one.context, one.strategies) for one in queries}

    def arms(self, context: Features, eligible: Eligible) -> tuple[ArmChances, ...]:
        """As the policy's; ``context`` is that of a listed query, not a copy."""
        return self._arms[id(context)]


@dataclass(slots=True)
class Sessions:
    """What people make of listed pages. ``reward`` is one of REWARDS."""

    people: People
    grades: Grades
    reward: str
    _expected: dict[tuple[str, Subset], float] = field(default_factory=dict)

    def earned(self, listed: Listed, ran: Subset, dice: random.Random) -> float:
        """The reward of one session that asks this query while these strategies run."""
        worth = self.grades.of(ACTION, None)
        chosen = self.people.choose(listed.pages[ran], listed.judged.grades, dice)
        return min(1.0, max(0.0, REWARDS[self.reward]([(worth, at) for at in chosen])))

    def log(
        self, queries: Sequence[Listed], logger: KnownArms, size: int, seed: str
    ) -> Iterator[Logged]:
        """``size`` sessions, each asking one of ``queries``, while ``logger`` serves."""
        dice = random.Random(seed)  # noqa: S311 - simulated people
        for number in range(size):
            one = dice.choice(queries)
            arms = logger.arms(one.context, one.strategies)
            (arm,) = dice.choices(arms, [each.probability for each in arms])
            ran = frozenset(draw(arm, dice))
            yield Logged(
                session=f"{seed}-{number}",
                context=one.context,
                strategies=one.strategies,
                values=one.values,
                arms=arms,
                included=ran,
                reward=self.earned(one, ran, dice),
            )

    def value(self, queries: Sequence[Listed], policy: KnownArms, sessions: int) -> float:
        """What ``policy`` earns per query: over every subset that it may run, by its probability,
        the mean over so many sessions."""
        total = 0.0
        for one in queries:
            arms = policy.arms(one.context, one.strategies)
            for ran in one.pages:
                chance = sum(arm.probability * probability(arm, ran) for arm in arms)
                if chance > 0:
                    total += chance * self._mean(one, ran, sessions)
        return total / len(queries)

    def _mean(self, one: Listed, ran: Subset, sessions: int) -> float:
        known = self._expected.get((one.judged.id, ran))
        if known is None:
            dice = random.Random(f"{one.judged.id} {sorted(ran)}")  # noqa: S311 - simulated people
            known = sum(self.earned(one, ran, dice) for _ in range(sessions)) / sessions
            self._expected[one.judged.id, ran] = known
        return known


class _Watched(Settled):
    """Runs whatever a policy may run at all, and notes what it was told and decided."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self._exploring = policy
        self.noted: list[tuple[Features, Eligible, Decision]] = []

    def decide(self, context: Features, eligible: Eligible, rng: random.Random) -> Decision:
        decision = self._exploring.decide(context, eligible, _Lucky())
        self.noted.append((context, eligible, decision))
        return decision


class _Lucky(random.Random):
    """Dice by which all that is not as good as impossible happens."""

    def random(self) -> float:
        return 1e-6
