"""What courses reached, against blends that do not learn: means over courses (seeds).

All ratios are ratios of means of nDCG@10. *Trained* is a static blend tuned once on the judgments
of the traffic, *hindsight* one tuned on the very queries that are scored, both per kind of query
and over the strategies that use no choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from bandit_service.evaluation.baselines import Bars, Tuned, by_kind
from bandit_service.evaluation.blend_table import STATIC_DEPTH, BlendTable, blend_table
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.loop.course import Course, Reached, Step
from bandit_service.evaluation.ndcg import ndcg
from bandit_service.evaluation.recordings import Recording
from bandit_service.evaluation.tuning import Static, tune, uniform

LAST: Final = 2_000
"""Sessions over which the served quality is told."""


@dataclass(frozen=True, slots=True)
class Statics:
    """What static blends reach: ``trained`` and ``equal`` (uniform) by query id. ``most``: the best
    page that could be made of all that the strategies bring."""

    recording: Recording
    tuned: Mapping[str, Tuned]
    trained: Reached
    equal: Reached
    most: Reached


@dataclass(frozen=True, slots=True)
class Against:
    """Pages as a ratio to what does not learn: as they were served, and had each held the best of
    what the strategies bring that learn nothing (``most``). What no strategy brings (a query that
    means what was said before, a judgment that is unlike its query) is missing from both. None:
    there is no such page."""

    reached: float | None
    most: float | None


def statics(recording: Recording, tuned: Mapping[str, Tuned], judged: Sequence[Judged]) -> Statics:
    """What the blends of ``tuned`` (by kind) reach on each of ``judged``."""
    trained: dict[str, float] = {}
    for kind, queries in by_kind(judged).items():
        # A kind that the traffic does not have is served by what was tuned on the others.
        known = tuned.get(kind) or next(iter(tuned.values()))
        table = blend_table(recording, queries, known.strategies)
        trained.update(_each(table, known.trained, queries))
    equal = equal_blend(recording, judged, recording.strategies)
    return Statics(recording, tuned, trained, equal, best_pages(recording, judged))


def best_pages(recording: Recording, judged: Sequence[Judged]) -> Reached:
    """What each of ``judged`` would reach with what its strategies bring, the best of it on top."""
    reached = {}
    for one in judged:
        eligible = recording.query(one.id).eligible
        brought = {
            hit.id: one.grades.get(hit.id, 0.0)
            for found in recording.retrieved(one.id, dict.fromkeys(eligible, STATIC_DEPTH))
            for hit in found.hits
        }
        reached[one.id] = ndcg(sorted(brought, key=brought.__getitem__, reverse=True), one.grades)
    return reached


def equal_blend(
    recording: Recording, judged: Sequence[Judged], strategies: Sequence[str]
) -> Reached:
    """What uniform blending reaches on each of ``judged``."""
    table = blend_table(recording, judged, strategies)
    return _each(table, uniform(table), judged)


def never_clicked(
    courses: Sequence[Course], bars: Mapping[str, Bars], measured: Sequence[Judged]
) -> dict[str, Any]:
    """A row per kind of ``measured``: the bars, what was reached in the end, and the curve."""
    rows = {}
    for kind, queries in by_kind(measured).items():
        curve = {
            sessions: _mean([_mean_of(course.looks[sessions], queries) for course in courses])
            for sessions in sorted(courses[0].looks)
        }
        full = curve[max(curve)]
        bar = bars[kind]
        rows[kind] = {
            **bar.as_dict(),
            "full": round(full, 4),
            "h": _ratio(full, bar.hindsight),
            "t": _ratio(full, bar.trained),
            "curve": {str(sessions): round(reached, 4) for sessions, reached in curve.items()},
        }
    return rows


def early(
    courses: Sequence[Course], known: Statics, measured: Sequence[Judged], until: int = 500
) -> dict[str, Any]:
    """The beginning, over all kinds: what is served against uniform blending."""
    equal = _mean_of(known.equal, measured)
    return {
        str(sessions): {
            "full": round(_mean([_mean_of(one.looks[sessions], measured) for one in courses]), 4),
            "uniform": round(equal, 4),
        }
        for sessions in sorted(courses[0].looks)
        if sessions <= until
    }


def repeated(
    courses: Sequence[Course], known: Statics, first: int, last: int | None = None
) -> Against:
    """The served pages of visits ``first`` to ``last`` against hindsight on those visits."""
    visited = [steps for course in courses if (steps := course.visits(first, last))]
    return _against(visited, known, _mean([_hindsight(steps, known) for steps in visited]))


def served(courses: Sequence[Course], known: Statics) -> Against:
    """The last 2,000 pages, as they came, against the trained blend on the same queries."""
    steps = [step for course in courses for step in course.since(LAST)]
    return _against([steps], known, _mean([known.trained[step.judged.id] for step in steps]))


def _against(visited: Sequence[Sequence[Step]], known: Statics, bar: float) -> Against:
    """Of each course that has any, its steps: a mean over means."""
    reached = _mean([_mean([step.ndcg for step in steps]) for steps in visited])
    most = _mean([_mean([known.most[step.judged.id] for step in steps]) for steps in visited])
    return Against(_ratio(reached, bar), _ratio(most, bar))


def regret(courses: Sequence[Course], known: Statics) -> dict[str, Any]:
    """The sum over sessions of what the trained blend would have reached more, mean over courses:
    ``negative_from`` is the session from which it stays below 0; None where it ends above."""
    length = min(len(course.steps) for course in courses)
    missed = [
        _mean([known.trained[c.steps[at].judged.id] - c.steps[at].ndcg for c in courses])
        for at in range(length)
    ]
    sums = list(accumulate(missed))
    above = [at for at, total in enumerate(sums) if total >= 0]
    begins = above[-1] + 2 if above else 1
    holdout = [step for course in courses for step in course.steps if step.arm == "holdout"]
    return {
        "negative_from": begins if begins <= length else None,
        "at_the_end": round(sums[-1], 2),
        "most": round(max(sums), 2),
        "holdout": {
            "pages": len(holdout),
            "ndcg": round(_mean([step.ndcg for step in holdout]), 4),
            "others": round(
                _mean([s.ndcg for c in courses for s in c.steps if s.arm != "holdout"]), 4
            ),
        },
    }


def _hindsight(steps: Sequence[Step], known: Statics) -> float:
    by_id = {step.judged.id: step.judged for step in steps}
    counts = Counter(step.judged.id for step in steps)
    total = 0.0
    for kind, queries in by_kind(list(by_id.values())).items():
        names = (known.tuned.get(kind) or next(iter(known.tuned.values()))).strategies
        often = [float(counts[one.id]) for one in queries]
        table = blend_table(known.recording, queries, names, often)
        best: Static = tune(table)
        total += best.tuned * sum(often)
    return total / len(steps)


def _each(table: BlendTable, blend: Static, judged: Sequence[Judged]) -> Reached:
    scores = table.gained(table.scores(blend.method, blend.array))
    return dict(zip((one.id for one in judged), map(float, scores), strict=True))


def _mean_of(reached: Reached, judged: Sequence[Judged]) -> float:
    return _mean([reached[one.id] for one in judged])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _ratio(one: float, other: float) -> float | None:
    return round(one / other, 4) if other else None
