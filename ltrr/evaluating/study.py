"""A study: what learning reaches on a dataset against what does not learn, with simulated people.

Everything is measured on queries that nobody clicked (a test split, or for choosing a design the
development split) and on the traffic itself. See docs/learning.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final

from bandit_service.evaluation.baselines import Bars, by_kind, measure, tune_on
from bandit_service.evaluation.loop.costs import Spent, cost, dial, spent
from bandit_service.evaluation.loop.course import Course, run_course
from bandit_service.evaluation.loop.measures import (
    Statics,
    early,
    never_clicked,
    regret,
    repeated,
    served,
    statics,
)
from bandit_service.evaluation.loop.traffic import NEW
from bandit_service.evaluation.recordings import Recording
from bandit_service.policies.base import Policy
from bandit_service.policies.settled import Settled
from ltrr.evaluating.ablations import CHANGES, ablation
from ltrr.evaluating.drilling import drills, over_seeds
from ltrr.evaluating.estimating import estimates
from ltrr.evaluating.queries import PEOPLE, Options, Queries, new_world, some
from ltrr.evaluating.recording import recorded
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings

LOOKS: Final = (100, 200, 300, 400, 500, 1_000, 2_000, 5_000, 10_000)
TUNED: Final = 1_000
"""Training queries of a kind that static blends are tuned on; more take hours and change little."""
SHORT_TUNED: Final = 300


@dataclass(frozen=True, slots=True)
class Seed:
    """What one seed gave; of the first one also what quality costs, at the end."""

    course: Course
    everything: Spent | None = None
    dial: Sequence[Spent] = ()


def study(settings: Settings, options: Options) -> dict[str, Any]:
    """Everything that was measured, with the keys of the benchmark's JSON; None: not measured.

    Raises:
        InvalidRequest: the data cannot be read or split.
        Unavailable: something has to be recorded, and cannot be.
    """
    started = time.monotonic()
    queries = Queries.of(options)
    _say(f"{len(queries.asked)} queries are traffic, {len(queries.measured)} never clicked")
    recording, _ = recorded(settings, options.data, queries.all, options.fields)
    _say("Simulating")
    with ProcessPoolExecutor(options.at_once, get_context("spawn")) as pool:
        running = [pool.submit(one_seed, settings, options, at) for at in range(options.seeds)]
        drilling = [
            pool.submit(drills, settings, options, at)
            for at in range(0 if options.short else options.seeds)
        ]
        estimating = None if options.short else pool.submit(estimates, settings, options)
        bars, known = _bars(recording, queries, SHORT_TUNED if options.short else TUNED)
        changed = {
            name: pool.submit(ablation, settings, options, name)
            for name in (CHANGES if options.full else ())
        }
        seeds = [one.result() for one in running]
        drilled = [one.result() for one in drilling]
        estimated = estimating.result() if estimating is not None else None
        ablations = {name: one.result() for name, one in changed.items()}
    _say("Measuring")
    courses = [one.course for one in seeds]
    first = seeds[0]
    again = {"6-10": repeated(courses, known, 6, 10), "21+": repeated(courses, known, 21)}
    last = served(courses, known)
    rows: dict[str, Any] = {
        "never_clicked": never_clicked(courses, bars, queries.measured),
        "repeated": {visits: one.reached for visits, one in again.items()},
        "served": {"t": last.reached},
        "bounds": {**{visits: one.most for visits, one in again.items()}, "served": last.most},
        "cost": first.everything
        and cost(first.everything, first.dial, recording, queries.measured, known.tuned),
        "early": early(courses, known, queries.measured),
        "drift": over_seeds(drilled, "drift"),
        "noise": over_seeds(drilled, "noise"),
        "regret": regret(courses, known),
        "ope": estimated,
        "ablations": ablations or None,
    }
    return {
        **rows,
        "click_model": {"simulated": True, "page": 10, "new": NEW, **PEOPLE.described()},
        "seeds": options.seeds,
        "sessions": options.sessions,
        "on": options.on,
        "strategies": list(recording.strategies),
        "not_measured": [name for name, row in rows.items() if row is None],
        "seconds": round(time.monotonic() - started),
    }


def one_seed(settings: Settings, options: Options, seed: int) -> Seed:
    """One seed, from what was recorded already: in a process of its own."""
    queries = Queries.of(options)
    world = new_world(settings, options, queries, f"seed-{seed}")
    looks = {*(one for one in LOOKS if one <= options.sessions), options.sessions}
    course = run_course(world, queries.traffics[seed], looks, queries.measured)
    if seed:
        return Seed(course)
    learnt = world.state.policy.dump()

    def at_quality(quality: float) -> Policy:
        policy = parts_of(replace(settings, quality=quality)).new_policy()
        policy.load(learnt)
        return policy

    everything = Settled(at_quality(1.0), everything=True)
    return Seed(
        course,
        spent(world, queries.measured, everything, 1.0),
        dial(world, queries.measured, at_quality),
    )


def _bars(recording: Recording, queries: Queries, most: int) -> tuple[Mapping[str, Bars], Statics]:
    """What the static blends reach, tuned on at most so many queries of a kind."""
    sample = [one for kind in by_kind(queries.asked).values() for one in some(kind, most)]
    tuned = tune_on(recording, sample, recording.strategies)
    bars = {
        kind: measure(recording, judged, tuned.get(kind) or next(iter(tuned.values())))
        for kind, judged in by_kind(queries.measured).items()
    }
    return bars, statics(recording, tuned, queries.all)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
