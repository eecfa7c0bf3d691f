"""A study: what learning reaches on a dataset against what does not learn, with simulated people.

Everything is measured on queries that nobody clicked (a test split, or for choosing a design the
development split) and on the traffic itself. See docs/learning.md.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Literal

from bandit_service.evaluation.baselines import by_kind, measure, tune_on
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.course import Course, run_course
from bandit_service.evaluation.loop.measures import (
    early,
    never_clicked,
    regret,
    repeated,
    served,
    statics,
)
from bandit_service.evaluation.loop.people import PositionBased
from bandit_service.evaluation.loop.traffic import NEW, Asked, traffic
from bandit_service.evaluation.loop.world import Recorded, World
from bandit_service.evaluation.recordings import Recording
from bandit_service.evaluation.splits import load_split
from ltrr.evaluating.recording import recorded
from ltrr.evaluating.worlds import parts_of
from ltrr.settings import Settings

LOOKS: Final = (100, 200, 300, 400, 500, 1_000, 2_000, 5_000, 10_000)
SHORT_SESSIONS: Final = 2_000
SHORT_MEASURED: Final = 300
MOST_TUNED: Final = 1_000
"""Training queries of a kind that static blends are tuned on; more take hours and change little."""
SHORT_TUNED: Final = 300


@dataclass(frozen=True, slots=True)
class Options:
    """What is studied. ``fields``: see :func:`.dataset.loaded`; ``at_once``: processes."""

    data: Path
    kind_field: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    train: str = "train"
    test: str = "test"
    on: Literal["test", "development"] = "test"
    sessions: int = 10_000
    seeds: int = 3
    short: bool = False
    at_once: int = 2


@dataclass(frozen=True, slots=True)
class _Queries:
    """Who is asked by whom: the traffic of each seed, and the queries that nobody asks."""

    traffics: tuple[tuple[Asked, ...], ...]
    asked: tuple[Judged, ...]
    measured: tuple[Judged, ...]


def study(settings: Settings, options: Options) -> dict[str, Any]:
    """Everything that was measured, with the keys of the benchmark's JSON; None: not measured.

    Raises:
        InvalidRequest: the data cannot be read or split.
        Unavailable: something has to be recorded, and cannot be.
    """
    started = time.monotonic()
    queries = _queries(options)
    _say(f"{len(queries.asked)} queries are traffic, {len(queries.measured)} never clicked")
    recording, _ = recorded(
        settings, options.data, [*queries.asked, *queries.measured], options.fields
    )
    _say("Simulating")
    with ProcessPoolExecutor(options.at_once, get_context("spawn")) as pool:
        seeds = range(options.seeds)
        running = [pool.submit(course_of, settings, options, seed) for seed in seeds]
        bars, known = _bars(recording, queries, SHORT_TUNED if options.short else MOST_TUNED)
        courses = [one.result() for one in running]
    _say("Measuring")
    rows: dict[str, Any] = {
        "never_clicked": never_clicked(courses, bars, queries.measured),
        "repeated": {"6-10": repeated(courses, known, 6, 10), "21+": repeated(courses, known, 21)},
        "served": {"t": served(courses, known)},
        "cost": None,
        "early": early(courses, known, queries.measured),
        "drift": None,
        "noise": None,
        "regret": regret(courses, known),
        "ope": None,
    }
    return {
        **rows,
        "click_model": {"simulated": True, "page": 10, "new": NEW, **_people().described()},
        "seeds": options.seeds,
        "sessions": options.sessions,
        "on": options.on,
        "strategies": list(recording.strategies),
        "not_measured": [name for name, row in rows.items() if row is None],
        "seconds": round(time.monotonic() - started),
    }


def course_of(settings: Settings, options: Options, seed: int) -> Course:
    """One seed, from what was recorded already: in a process of its own."""
    queries = _queries(options)
    judged = [*queries.asked, *queries.measured]
    recording, catalogue = recorded(settings, options.data, judged, options.fields)
    # What was read stays: looking through it again and again for garbage takes half of the time.
    gc.collect()
    gc.freeze()
    world = World(
        f"seed-{seed}",
        Recorded(recording, catalogue, judged),
        parts_of(settings),
        _people(),
    )
    looks = {*(one for one in LOOKS if one <= options.sessions), options.sessions}
    return run_course(world, queries.traffics[seed], looks, queries.measured)


def _people() -> PositionBased:
    return PositionBased()


def _queries(options: Options) -> _Queries:
    split = load_split(options.data, options.kind_field, train=options.train, test=options.test)
    # Whoever looks at the development split has not learnt from it.
    measured = split.test if options.on == "test" else split.development
    there = split.train if options.on == "development" else split.train + split.development
    if options.short:
        measured = tuple(_some(measured, SHORT_MEASURED))
    traffics = tuple(
        tuple(traffic(there, options.sessions, random.Random(f"traffic {seed}")))  # noqa: S311
        for seed in range(options.seeds)
    )
    asked = {one.judged.id: one.judged for seed in traffics for one in seed}
    return _Queries(traffics, tuple(asked.values()) if options.short else there, measured)


def _bars(recording: Recording, queries: _Queries, most: int) -> Any:
    """What the static blends reach, tuned on at most so many queries of a kind."""
    some = [one for kind in by_kind(queries.asked).values() for one in _some(kind, most)]
    tuned = tune_on(recording, some, recording.strategies)
    bars = {
        kind: measure(recording, judged, tuned.get(kind) or next(iter(tuned.values())))
        for kind, judged in by_kind(queries.measured).items()
    }
    return bars, statics(recording, tuned, [*queries.asked, *queries.measured])


def _some(judged: Sequence[Judged], most: int) -> list[Judged]:
    dice = random.Random("some")  # noqa: S311 - a sample
    return dice.sample(list(judged), min(most, len(judged)))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
