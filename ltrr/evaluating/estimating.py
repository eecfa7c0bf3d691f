"""Whether off-policy estimates can be trusted: what `ltrr ope` tells, against what is true.

A world learns and then stands still. Logs of a policy that explores much are drawn from it; what
other policies would have earned is estimated from each, and known by counting.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from bandit_service.evaluation.loop.course import run_course
from bandit_service.evaluation.loop.drills import strongest
from bandit_service.evaluation.loop.logs import KnownArms, Only, Sessions, listed
from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.evaluation.off_policy.agreement import coverage, kendall_tau
from bandit_service.evaluation.off_policy.estimators import ESTIMATORS, SUBSETS
from bandit_service.evaluation.off_policy.evaluate import Estimate, Evaluation
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from ltrr.evaluating.queries import PEOPLE, Options, Queries, new_world, some
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings
from plugin.assets.baseline import load_baseline
from plugin.strategies import load_strategies

APART: Final = ("lexical", "dense", "structured", "memory", "popular")
"""Strategies that bring different things, where they are there. Of two dozen hardly any subset
occurs twice, and policies that differ by more than a little cannot be told from the log of one."""
BEFORE: Final = 1_000
"""Sessions that are learnt from before the world stands still."""
ASKED: Final = 150
LOGS: Final = 100
SESSIONS: Final = 1_000
"""Of each log. All logs together are the long log by which policies are ranked."""
WATCHING: Final = 500
"""Sessions by which it is known what people make of a page."""
REWARD: Final = "rank"
"""It tells policies apart better than whether anything was chosen."""
FLOOR, CAP, EVERYTHING = 0.2, 0.5, 0.05
"""How the logger explores: much more than is usual, so that its log can answer for others."""


def estimates(
    settings: Settings, options: Options, *, logs: int = LOGS, sessions: int = SESSIONS
) -> dict[str, Any]:
    """The row ``ope``.

    ``coverage``: in which share of the logs the 95 % interval holds what the usual exploration
    would have earned, by the worst of the estimators that assume nothing of rewards (IPS, SNIPS,
    DR); a log that is refused counts as one that does not. ``kendall_tau``: how the doubly robust
    estimates of all logs together rank five policies (see :meth:`_Estimates._rivals`), against what
    these do earn.
    """
    return _Estimates(settings, options).row(logs, sessions)


class _Estimates:
    def __init__(self, settings: Settings, options: Options) -> None:
        # Its rule is the one that can be told what to run.
        self._settings = replace(settings, policy="explorer", challenger="")
        every = [one.name for one in load_strategies(settings.assets)]
        self._weights = load_baseline(settings.assets, every)
        queries = Queries.of(options)
        world = new_world(self._settings, options, queries, "estimates")
        brings = world.recorded.recording.strategies
        there = [one for one in world.strategies if one.name in brings]
        there.sort(key=lambda one: (one.name not in APART, one.name))
        names = [one.name for one in there[: len(APART)]]
        world.admit(tuple(one for one in there if one.name in names))
        dice = random.Random("estimates")  # noqa: S311 - simulated traffic
        sessions = min(BEFORE, options.sessions // 2)
        run_course(world, islice(traffic(queries.asked, sessions, dice), sessions))
        self._learnt = world.state.policy.dump()
        asked = some(queries.asked, ASKED)
        remembers = {one.name for one in world.strategies if one.family == "memory"}
        self._broken = strongest(world, asked, [one for one in names if one not in remembers])
        world.break_strategy(self._broken)
        self._whole = [one for one in names if one != self._broken]
        self._sessions = Sessions(PEOPLE, parts_of(self._settings).rules.grades, REWARD)
        self._nothing = Exploration(
            floor=0, cap=1, everything=0, holdout=0, raised=0, budget=settings.candidates
        )
        self._queries = listed(world, asked, lambda names: self._policy(self._nothing, names))

    def row(self, logs: int, sessions: int) -> dict[str, Any]:
        budget = self._settings.candidates
        much = Exploration(floor=FLOOR, cap=CAP, everything=EVERYTHING, holdout=0, budget=budget)
        logger = self._arms(self._policy(much))
        usual = self._arms(self._policy(Exploration(holdout=0, budget=budget)))
        drawn = [
            list(self._sessions.log(self._queries, logger, sessions, f"log {number}"))
            for number in range(logs)
        ]
        told = [Evaluation(log).of(usual) for log in drawn]
        truth = self._true(usual)
        rivals = {
            " ".join(names): self._arms(self._policy(self._nothing, names))
            for names in self._rivals()
        }
        long = Evaluation([one for log in drawn for one in log])
        ranked = {name: long.of(arms) for name, arms in rivals.items()}
        truths = {name: self._true(arms) for name, arms in rivals.items()}
        each = {name: _agreement(name, told, truth, ranked, truths) for name in ESTIMATORS}
        return {
            "coverage": min(each[name]["coverage"] for name in SUBSETS),
            "kendall_tau": each["dr"]["kendall_tau"],
            "logs": logs,
            "sessions": sessions,
            "broken": self._broken,
            "estimators": each,
            "policies": {name: round(value, 4) for name, value in truths.items()},
            "estimates": {name: _values(one) for name, one in ranked.items()},
        }

    def _rivals(self) -> list[list[str]]:
        """What broke alone, beside one and two others, beside all, and all without it. Sound
        strategies are so much alike that policies over them earn the same."""
        beside = [self._whole[:size] for size in (0, 1, 2, len(self._whole))]
        return [*([self._broken, *others] for others in beside), self._whole]

    def _policy(self, exploration: Exploration, only: Collection[str] = ()) -> Explorer:
        """What was learnt, explored so; ``only``: just these run."""
        policy = Explorer(
            VwValueModel(),
            StaticPolicy(self._weights, budget=exploration.budget),
            exploration,
            priors=self._weights,
            rule=Only(only) if only else None,
        )
        policy.load(self._learnt)
        return policy

    def _arms(self, policy: Explorer) -> KnownArms:
        return KnownArms(policy, self._queries)

    def _true(self, arms: KnownArms) -> float:
        return self._sessions.value(self._queries, arms, WATCHING)


def _agreement(
    name: str,
    told: Sequence[Mapping[str, Estimate]],
    truth: float,
    ranked: Mapping[str, Mapping[str, Estimate]],
    truths: Mapping[str, float],
) -> dict[str, Any]:
    """Of one estimator; the rank is None where one of the policies is refused."""
    intervals = [one[name].interval for one in told]
    answered = sum(interval is not None for interval in intervals) / len(intervals)
    values = {policy: one[name].value for policy, one in ranked.items()}
    known = {policy: value for policy, value in values.items() if value is not None}
    return {
        "coverage": round(answered * coverage(intervals, truth), 4) if answered else 0.0,
        "answered": round(answered, 4),
        "kendall_tau": round(kendall_tau(known, truths), 4)
        if known.keys() == truths.keys()
        else None,
    }


def _values(one: Mapping[str, Estimate]) -> dict[str, float | None]:
    return {
        name: None if told.value is None else round(told.value, 4) for name, told in one.items()
    }
