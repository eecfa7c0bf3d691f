"""The trainer on a real node: reads the journal, stores what it fits, and orders by the journal."""

from __future__ import annotations

from typing import Any

import pytest
from corner import Corner, new_policy

from bandit_service.collaborators import utc_now
from bandit_service.journal.reader import Reader
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.fold import Rules
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.watcher import SnapshotWatcher
from bandit_service.ranking.promoted import PromotedRankers
from bandit_service.ranking.trainer import Trainer, Trainings
from bandit_service.ranking.training import Schedule, Training

pytestmark = pytest.mark.integration
RULES = Rules(window_ms=60_000)
NAMES = ("a", "b", "c")


def visit(corner: Corner, at: int) -> None:
    """One page whose middle hit is chosen, a minute after the one before it."""
    shown = [
        {"id": id, "type": "song", "position": place, "score": 1.0, "provenance": []}
        for place, id in enumerate(NAMES, start=1)
    ]
    rows = [{"scaled:dense": 1.0 if id == "b" else 0.1} for id in NAMES]
    page: dict[str, Any] = {
        "from": 0,
        "memory_key": f"k{at % 5}",
        "shown": shown,
        "ranked": list(NAMES),
        "degraded": [],
        "ranking": {"query": {"query:tokens": 0.2}, "rows": rows},
    }
    when, session = 1_767_000_000_000 + at * 60_000, f"s{at}"
    corner.spool.append(corner.entry(f"q{at}:p:0", "page", page, session, at=when))
    event = {"object_id": "b", "action": "click", "position": 2}
    corner.spool.append(corner.entry(f"q{at}:f:1", "feedback", event, session, at=when))


def trainer(corner: Corner) -> Trainer:
    return Trainer(
        corner.cluster,
        Reader(corner.cluster),
        Artefacts(corner.cluster),
        lambda: Trainings(Training(RULES, Schedule(sessions=30, cadence=30))),
        lambda: True,
        utc_now,
    )


def test_what_is_fitted_is_stored_ordered_and_served(corner: Corner) -> None:
    for at in range(40):
        visit(corner, at)
    corner.shipper.ship()
    one = trainer(corner)
    assert one.step() == 80
    learner = corner.learner("one")
    learner.step(publish_now=True)
    assert learner.counts["fitted"] == learner.counts["promoted"] == 1

    watcher = SnapshotWatcher(SnapshotStore(corner.cluster), new_policy)
    assert watcher.look()
    rankers = PromotedRankers(Artefacts(corner.cluster).find)
    rankers.follow(watcher.current().models)
    assert rankers().serving.version == watcher.current().models["ranker"].version

    # Another trainer takes over: it reads what was fitted, and does not fit again.
    another = trainer(corner)
    assert another.step() == 82
    assert another.step() == 0
    learner.step()
    assert learner.counts["fitted"] == 1


def test_who_does_not_lead_trains_nothing(corner: Corner) -> None:
    visit(corner, 1)
    corner.shipper.ship()
    idle = Trainer(
        corner.cluster,
        Reader(corner.cluster),
        Artefacts(corner.cluster),
        lambda: Trainings(Training(RULES)),
        lambda: False,
        utc_now,
    )
    assert idle.step() == 0
