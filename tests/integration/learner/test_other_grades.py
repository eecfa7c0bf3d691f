"""Another scale of grades is told: what was learnt with the old one is learnt anew, or refused."""

from __future__ import annotations

import pytest
from corner import Corner, new_policy

from bandit_service.journal.names import index_name
from bandit_service.journal.reader import Position, Reader
from bandit_service.journal.rollover import Bounds, Rollover
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.credit import Grades
from bandit_service.learner.fold import Rules
from bandit_service.learner.replaying import replay
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import dump_state
from plugin.errors import BrokenState, InvalidRequest

pytestmark = pytest.mark.integration
OTHER = Rules(grades=Grades({"click": 0.1}))


def learnt(corner: Corner) -> Learner:
    """A learner that has published three choices by the usual scale."""
    for number in range(3):
        corner.visit(f"q{number}", f"session {number}", choose="b")
    corner.shipper.ship()
    learner = corner.learner("one")
    assert learner.step().published
    learner.close()
    return learner


def state_bytes(corner: Corner) -> bytes:
    state, _ = SnapshotStore(corner.cluster).load(new_policy)
    return dump_state(state)


def test_what_was_learnt_is_learnt_anew_by_the_other_scale(corner: Corner) -> None:
    learnt(corner)
    before, score = state_bytes(corner), shown(corner)
    learner = corner.learner("two", rules=OTHER)
    learner.step()
    learner.step(publish_now=True)
    assert state_bytes(corner) != before
    assert shown(corner) < score / 2
    head = SnapshotStore(corner.cluster).head()
    assert head is not None
    # What was learnt by the other scale is nothing to go back to.
    assert len(head.kept) == 1
    learner.close()

    again = corner.learner("three")
    again.step()
    again.step(publish_now=True)
    assert state_bytes(corner) == before
    assert shown(corner) == score


def test_until_all_is_learnt_anew_the_earlier_snapshot_is_served(corner: Corner) -> None:
    learnt(corner)
    before = state_bytes(corner)
    learner = corner.learner("two", rules=OTHER)
    learner._begin()
    assert state_bytes(corner) == before
    assert learner.version == "g1-0"
    learner.close()  # killed or stopped: the next one begins again
    assert state_bytes(corner) == before


def test_the_same_scale_goes_on_where_it_was(corner: Corner) -> None:
    learnt(corner)
    learner = corner.learner("two", rules=Rules(grades=Grades()))
    assert learner.step().entries == 0


def test_without_the_beginning_of_the_journal_it_is_refused(
    corner: Corner,
) -> None:
    learnt(corner)
    before = state_bytes(corner)
    Rollover(corner.cluster, Bounds(most_bytes=1)).tend(Position(1, -1))
    corner.cluster.request("DELETE", f"/{index_name(corner.cluster, 1)}")
    with pytest.raises(BrokenState, match=r"other grades.*grades\.toml back.*DELETE"):
        corner.learner("two", rules=OTHER).step()
    assert state_bytes(corner) == before


def test_a_replay_says_so(corner: Corner) -> None:
    learnt(corner)
    with pytest.raises(InvalidRequest, match="other grades"):
        replay(Reader(corner.cluster), SnapshotStore(corner.cluster), new_policy, OTHER)
    usual = Rules(artefact=Artefacts(corner.cluster).find)
    store = SnapshotStore(corner.cluster)
    assert replay(Reader(corner.cluster), store, new_policy, usual, from_start=True).identical


def shown(corner: Corner) -> float:
    """The score of ``b`` in the memory that searches read."""
    document = corner.remembered()
    assert document is not None
    scores = {one["id"]: one["score"] for one in document["references"]}
    return float(scores["b"])
