"""The drills of a study: drift, noise and a bot, each in a world of its own, for each seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from statistics import fmean
from typing import Any, Final

from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.course import look, run_course
from bandit_service.evaluation.loop.drills import break_strategy, strongest, used_at
from bandit_service.evaluation.loop.measures import equal_blend
from bandit_service.evaluation.loop.people import Adversary, PositionBased
from bandit_service.evaluation.loop.traffic import Asked, traffic
from bandit_service.evaluation.loop.world import World
from bandit_service.policies.settled import Settled
from ltrr.evaluating.queries import Options, Queries, new_world, some
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings

BEFORE: Final = 2_000
"""Sessions before something happens, and of noise and bots; half of the study's where it has
fewer."""
WATCHED: Final = 200
"""Never-clicked queries that are looked at again and again, as a broken strategy is got over."""
BOT_EVERY: Final = 5
"""After so many sessions of people the bot comes."""
NOISE: Final = 0.2

Rows = Mapping[str, Mapping[str, Any]]
"""Row of a study → what it says, by name."""


def drills(settings: Settings, options: Options, seed: int) -> Rows:
    """The rows ``drift`` and ``noise`` of one seed: ratios of what is reached to uniform blending.
    In a process of its own."""
    return _Drills(settings, options, seed).rows()


def over_seeds(drilled: Sequence[Rows], row: str) -> dict[str, Any] | None:
    """``row`` over seeds: of numbers the mean; None for what took too long in one of them, of which
    ``<name>_missed`` says in how many. Names are listed. None: there was no drill."""
    if not drilled:
        return None
    told: dict[str, Any] = {}
    for name in drilled[0][row]:
        found = [one[row][name] for one in drilled]
        missed = found.count(None)
        if any(isinstance(value, str) for value in found):
            told[name] = ", ".join(dict.fromkeys(found))
        else:
            told[name] = None if missed else round(fmean(found), 4)
        if missed:
            told[f"{name}_missed"] = missed
    return told


class _Drills:
    def __init__(self, settings: Settings, options: Options, seed: int) -> None:
        self._seed = seed
        self._settings = settings
        self._options = options
        self._queries = Queries.of(options)
        self._watched = some(self._queries.measured, WATCHED)
        self._before = min(BEFORE, options.sessions // 2)

    def rows(self) -> dict[str, Any]:
        world, sessions = self._world("broken"), self._asked()
        run_course(world, islice(sessions, self._before))
        strong = strongest(world, self._watched, world.recorded.recording.strategies)
        broken = break_strategy(world, sessions, self._watched, strong)
        return {
            "drift": {
                "broken_halved_at": broken.halved_at,
                "broken_gone_at": broken.gone_at,
                "new_used_at": self._new(strong),
                "strategy": strong,
                "lost": round(broken.lost, 4),
            },
            "noise": {"20": self._noise(), **self._bot()},
        }

    def _new(self, strong: str) -> int | None:
        world, sessions = self._world("new"), self._asked()
        everybody = parts_of(self._settings).strategies
        world.admit(tuple(one for one in everybody if one.name != strong))
        run_course(world, islice(sessions, self._before))
        world.admit(everybody)
        return used_at(world, sessions, self._watched, strong)

    def _noise(self) -> float:
        world = self._world("noise")
        people = PositionBased(noise=NOISE)
        for one in islice(self._asked(), self._before):
            world.session(one.judged, people)
        return _against_uniform(world, self._queries.measured)

    def _bot(self) -> dict[str, float]:
        """A bot asks the query that is asked most, and always chooses the last on the page that
        nobody wants there."""
        world, sessions = self._world("bot"), self._asked()
        victim = next(sessions).judged
        (answer,) = world.ask([victim], Settled(world.state.policy))
        shown = [hit.candidate.id for hit in answer.shown]
        entity = [id for id in shown if victim.grades.get(id, 0) <= 0][-1:]
        bot = Adversary(entity[0] if entity else shown[-1], 1.0, PositionBased())
        for number, one in enumerate(islice(sessions, self._before)):
            world.session(one.judged)
            if number % BOT_EVERY == 0:
                world.session(victim, bot)
        return {
            "bot": _against_uniform(world, self._queries.measured),
            "bot_query": _against_uniform(world, [victim]),
        }

    def _world(self, name: str) -> World:
        return new_world(self._settings, self._options, self._queries, f"{name}-{self._seed}")

    def _asked(self) -> Iterator[Asked]:
        dice = random.Random(f"drills {self._seed}")  # noqa: S311 - simulated traffic
        return traffic(self._queries.asked, self._before + 1_000, dice)


def _against_uniform(world: World, judged: Sequence[Judged]) -> float:
    recording = world.recorded.recording
    equal = sum(equal_blend(recording, judged, recording.strategies).values())
    return round(sum(look(world, judged).values()) / equal, 4) if equal else 1.0
