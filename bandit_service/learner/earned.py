"""What the strategies of one query earned, as the fold credits them, for people to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandit_service.learner.credit import Grades, divide


def earned(
    decision: Mapping[str, Any],
    page: Mapping[str, Any] | None,
    feedback: Sequence[Mapping[str, Any]],
    grades: Grades,
) -> dict[str, float]:
    """Strategy → credit (0..1) of each that ran and answered; 0 as long as nothing was chosen.

    All are bodies of journal entries; ``feedback`` in order. The first positive event about what
    the page showed decides; whether the learner held it back is not known here.
    """
    failed = {str(trouble).partition(":")[0] for trouble in (page or {}).get("degraded") or ()}
    ran = {
        str(one["strategy"]): one["strategy"] not in failed
        for one in decision["choices"]
        if one["included"]
    }
    shown = {
        str(hit["id"]): {str(name): int(rank) for name, rank, _ in hit["provenance"]}
        for hit in (page or {}).get("shown") or ()
    }
    for event in feedback:
        dwell = event.get("dwell_ms")
        grade = grades.of(
            str(event["action"]), float(dwell) if dwell is not None else None, event.get("value")
        )
        if grade > 0 and event["object_id"] in shown:
            return divide(shown[event["object_id"]], ran, grade)
    return divide({}, ran, 0.0)
