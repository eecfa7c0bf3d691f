"""Entries in, learnt state out: once, in order, by one learner, whatever dies."""

from __future__ import annotations

import random
import threading

import pytest
from corner import Clock, Corner, eventually, make_index, new_policy

from bandit_service.learner.credit import Grades
from bandit_service.learner.lease import Lease
from bandit_service.learner.snapshot import SnapshotStore, Superseded
from bandit_service.learner.state import dump_state
from bandit_service.learner.watcher import SnapshotWatcher
from bandit_service.policies.explorer import Explorer
from bandit_service.session_evidence import SessionEvidence
from plugin.errors import MissingIndex

pytestmark = pytest.mark.integration
STRATEGIES = {"dense": {}, "lexical": {}}


def values(policy: object) -> dict[str, float]:
    assert isinstance(policy, Explorer)
    return policy.values({"tokens": 0.125}, STRATEGIES)


def preference(policy: object) -> float:
    """How much more ``dense`` has to say than ``lexical``: the blend knows only their relation."""
    said = values(policy)
    return said["dense"] / said["lexical"]


def test_choices_move_the_policy_and_enough_sessions_make_a_memory(corner: Corner) -> None:
    learner = corner.learner("one")
    watcher = SnapshotWatcher(SnapshotStore(corner.cluster), new_policy)
    corner.visit("q1", "s1", choose="b")
    corner.visit("q2", "s2", choose="b")
    corner.visit("q3", "s2", choose="b")  # the same session again
    corner.shipper.ship()
    assert learner.step().entries == 9
    passed_over = corner.remembered()
    assert passed_over is not None
    assert passed_over["references"] == []
    assert "text" not in passed_over
    assert watcher.look()
    served = watcher.current()
    assert served is not None
    assert served.counts["choice"] == 3
    assert values(served.policy)["dense"] > values(served.policy)["lexical"]

    corner.visit("q4", "s3", choose="b")
    corner.shipper.ship()
    learner.step()
    remembered = corner.remembered()
    assert remembered is not None
    assert [reference["id"] for reference in remembered["references"]] == ["b"]
    assert remembered["text"] == "tayler love"
    assert watcher.look()
    newer = watcher.current()
    assert newer is not None
    assert newer.version != served.version
    assert preference(newer.policy) > preference(served.policy)
    assert newer.history[-1]["decisions"] == 4
    learner.close()


def test_there_is_a_policy_to_serve_before_the_first_query(corner: Corner) -> None:
    assert corner.learner("one").step().published
    served = SnapshotStore(corner.cluster).serve(new_policy)
    assert served is not None
    assert served.version == "g1-0"
    decision = served.policy.decide({"tokens": 0.1}, STRATEGIES, random.Random(5))
    assert {choice.weight for choice in decision.choices} == {0.5}


def test_killed_and_started_again_it_stands_where_the_journal_stands(corner: Corner) -> None:
    for number in range(20):
        corner.visit(f"q{number}", f"s{number % 5}", choose="ab"[number % 2])
        corner.shipper.ship()
        if number % 6 == 5:
            # A learner that dies without a word after every sixth visit.
            dying = corner.learner(f"life {number}", clock := Clock())
            dying.step()
            clock.now = 10
            assert dying.step().leading
    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}/_doc/lease")
    last = corner.learner("last")
    last.catch_up(threading.Event())
    resumed, _ = SnapshotStore(corner.cluster).load(new_policy)
    last.close()
    assert resumed.counts["choice"] == 20

    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}/_doc/snapshot")
    replay = corner.learner("replay")
    replay.catch_up(threading.Event())
    at_once, _ = SnapshotStore(corner.cluster).load(new_policy)
    replay.close()
    assert dump_state(resumed) == dump_state(at_once)


def test_a_lost_memory_index_is_written_again_after_a_restart(corner: Corner) -> None:
    for number in range(3):
        corner.visit(f"q{number}", f"s{number}", choose="b")
    corner.shipper.ship()
    first = corner.learner("first")
    first.step()
    first.close()
    before = corner.remembered()
    corner.cluster.request("DELETE", f"/{corner.cluster.name('memory')}-000001")
    make_index(corner.cluster, "memory")
    corner.learner("second").step()
    assert corner.remembered() == before


def test_one_learns_the_other_waits_and_takes_over(corner: Corner) -> None:
    clocks = Clock(), Clock()
    leader = Lease(corner.cluster, "leader", ttl_s=6, clock=clocks[0])
    waiting = Lease(corner.cluster, "waiting", ttl_s=6, clock=clocks[1])
    assert leader.hold()
    assert not waiting.hold()
    for _ in range(5):
        clocks[0].now += 3
        clocks[1].now += 3
        assert leader.hold()
        assert not waiting.hold()
    clocks[1].now += 5.9
    assert not waiting.hold()
    clocks[1].now += 0.2
    assert waiting.hold()
    clocks[0].now += 3
    assert not leader.hold()
    waiting.release()
    assert leader.hold()


def test_a_paused_learner_that_wakes_up_cannot_write(corner: Corner) -> None:
    clocks = Clock(), Clock()
    corner.visit("q1", "s1", choose="b")
    corner.shipper.ship()
    paused = corner.learner("paused", clocks[0])
    assert paused.step().published
    other = corner.learner("other", clocks[1])
    assert not other.step().leading
    clocks[1].now += 7
    corner.visit("q2", "s2", choose="b")
    corner.shipper.ship()
    assert other.step().published
    store = SnapshotStore(corner.cluster)
    version = store.serve(new_policy)
    corner.visit("q3", "s3", choose="b")
    corner.shipper.ship()
    woken = paused.step()  # its own clock says that the lease is still fresh
    assert not woken.published
    again = store.serve(new_policy)
    assert version is not None
    assert again is not None
    assert again.version == version.version


def test_publishing_over_a_snapshot_that_was_not_seen_is_refused(corner: Corner) -> None:
    store = SnapshotStore(corner.cluster)
    state, revision = store.load(new_policy)
    assert revision is None
    first = store.publish(state, None, 0)
    with pytest.raises(Superseded):
        store.publish(state, None, 0)
    store.publish(state, first, 0)
    with pytest.raises(Superseded):
        store.publish(state, first, 0)


def test_nothing_is_made_by_accident_before_the_assets_are_applied(corner: Corner) -> None:
    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}")
    with pytest.raises(MissingIndex, match="ltrr apply"):
        corner.learner("early").step()
    assert corner.cluster.find(f"/{corner.cluster.name('state')}") is None


def test_as_a_thread_it_learns_within_seconds_and_ends_cleanly(corner: Corner) -> None:
    stop = threading.Event()
    learner = corner.learner("thread")
    thread = threading.Thread(target=learner.run, args=(stop,))
    watcher = SnapshotWatcher(SnapshotStore(corner.cluster), new_policy, interval_s=0.05)
    corner.shipper.start()
    watcher.start()
    thread.start()
    for number in range(3):
        corner.visit(f"q{number}", f"s{number}", choose="b")
    eventually(lambda: corner.remembered() is not None, 10)
    eventually(lambda: watcher.current().version != "new", 10)
    stop.set()
    thread.join(10)
    watcher.stop()
    assert not thread.is_alive()
    assert corner.learner("next").step().leading  # the lease was given back


def test_a_session_that_comes_to_another_sidecar_brings_its_choices(corner: Corner) -> None:
    corner.visit("q1", "s1", choose="b")
    corner.shipper.ship()
    corner.cluster.request("POST", f"/{corner.cluster.name('journal')}-000001/_refresh")
    here = SessionEvidence(Grades(), cluster=corner.cluster)
    assert here.recall("s1", "k1") == {"b": 0.6}
    assert here.recall("s2", "k1") == {}
    here.record("s1", "k1", {"object_id": "b", "action": "dislike"})
    here.record("s1", "k1", {"object_id": "c", "action": "like"})
    assert here.recall("s1", "k1") == {"b": -1.0, "c": 0.9}
    assert here.recall("s1", "another query") == {}


def test_what_says_not_to_learn_is_not_brought_to_another_sidecar(corner: Corner) -> None:
    corner.visit("q1", "s1", choose="b", learn=False)
    corner.shipper.ship()
    corner.cluster.request("POST", f"/{corner.cluster.name('journal')}-000001/_refresh")
    assert SessionEvidence(Grades(), cluster=corner.cluster).recall("s1", "k1") == {}
