"""Courses and their measures: the rows of the benchmark, by mental arithmetic where that goes."""

from __future__ import annotations

import random

import pytest
from small_recording import STRATEGIES, small_recording
from test_loop import world

from bandit_service.evaluation.baselines import by_kind, measure, tune_on
from bandit_service.evaluation.blend_table import blend_table
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.course import Course, Step, run_course
from bandit_service.evaluation.loop.measures import (
    Statics,
    early,
    never_clicked,
    regret,
    repeated,
    served,
    statics,
)
from bandit_service.evaluation.loop.people import Cascade, PositionBased
from bandit_service.evaluation.loop.traffic import traffic
from bandit_service.evaluation.recordings import Recording
from bandit_service.evaluation.tuning import uniform

QUERY = Judged("q", "text", "all", {"a": 1})


def steps(*reached: float) -> Course:
    return Course([Step(QUERY, at, one, "learned", 10) for at, one in enumerate(reached, 1)])


def known(trained: float) -> Statics:
    return Statics(Recording(), {}, {"q": trained}, {"q": trained}, {"q": 1.0})


def test_regret_is_negative_from_where_it_stays_so() -> None:
    # The sums of .5 − reached: .5, .0, −.5, .0, −.5, −1.0
    row = regret([steps(0.0, 1.0, 1.0, 0.0, 1.0, 1.0)], known(0.5))
    assert row["negative_from"] == 5
    assert row["at_the_end"] == -1.0
    assert regret([steps(0.0, 0.0)], known(0.5))["negative_from"] is None
    assert regret([steps(1.0, 1.0)], known(0.5))["negative_from"] == 1


def test_what_was_served_is_compared_on_the_same_queries() -> None:
    assert served([steps(0.4, 0.8)], known(0.5)).reached == pytest.approx(1.2)


def test_a_course_is_measured_against_blends_tuned_on_its_own_queries() -> None:
    one = world()
    judged = one.recorded.judged
    asked, measured = judged[:20], judged[20:]
    course = run_course(one, traffic(asked, 60, random.Random(1)), (20, 60), measured)
    recording = one.recorded.recording
    tuned = tune_on(recording, asked, STRATEGIES)
    bars = {kind: measure(recording, some, tuned[kind]) for kind, some in by_kind(measured).items()}
    reached = statics(recording, tuned, judged)

    row = never_clicked([course], bars, measured)["all"]
    assert list(row["curve"]) == ["20", "60"]
    assert row["full"] == row["curve"]["60"]
    assert row["t"] == pytest.approx(row["full"] / row["static_trained"], abs=1e-3)
    assert list(early([course], reached, measured)) == ["20", "60"]
    again = repeated([course], reached, 2)
    h = again.reached
    assert h is not None
    assert 0.3 < h <= 1.2
    assert repeated([course], reached, 1_000).reached is None

    # The best that can be made of what is brought bounds what can be made of it.
    assert all(reached.equal[one.id] <= reached.most[one.id] <= 1 for one in judged)
    visits, last = repeated([course], reached, 6, 10), served([course], reached)
    assert visits.most is None or visits.most >= 1
    assert (last.most or 0) >= (last.reached or 0)

    table = blend_table(recording, judged, STRATEGIES)
    mean = sum(reached.equal.values()) / len(judged)
    assert mean == pytest.approx(uniform(table).tuned, abs=1e-6)


def test_a_query_that_comes_twice_counts_twice_in_hindsight() -> None:
    recording, judged = small_recording(4)
    once = blend_table(recording, [*judged, judged[0]], STRATEGIES)
    counted = blend_table(recording, judged, STRATEGIES, [2, 1, 1, 1])
    assert uniform(once).tuned == pytest.approx(uniform(counted).tuned, abs=1e-6)


def test_people_look_at_the_top_more() -> None:
    shown = [f"e{at}" for at in range(10)]
    wanted = dict.fromkeys(shown, 1)
    dice = random.Random(1)
    chosen = [at for _ in range(2_000) for at in PositionBased().choose(shown, wanted, dice)]
    assert chosen.count(1) / 2_000 == pytest.approx(0.93, abs=0.02)
    assert chosen.count(10) / 2_000 == pytest.approx(0.93 * 10**-0.7, abs=0.02)
    nothing = [at for _ in range(2_000) for at in PositionBased().choose(shown, {}, dice)]
    assert nothing.count(1) / 2_000 == pytest.approx(0.07, abs=0.02)
    cascade = [len(Cascade().choose(shown, wanted, dice)) for _ in range(500)]
    assert sum(cascade) / 500 < 2
