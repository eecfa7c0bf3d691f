"""Snapshots on a real node: whole or not seen at all, several kept, damage passed over."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from corner import Corner, new_policy

from bandit_service.learner.keeping import Keeping
from bandit_service.learner.snapshot import Head, SnapshotStore, Superseded
from bandit_service.learner.state import OtherFormat, State, dump_state
from bandit_service.learner.watcher import SnapshotWatcher
from plugin.errors import BrokenState, Unavailable

pytestmark = pytest.mark.integration


@pytest.fixture
def store(corner: Corner) -> SnapshotStore:
    """Pieces are so small that every snapshot has several."""
    return SnapshotStore(corner.cluster, Keeping(3, 60_000), piece_bytes=500)


def learnt(corner: Corner, *names: str) -> State:
    """The state after these visits, published by nobody."""
    for name in names:
        corner.visit(name, f"session {name}", choose="b")
    corner.shipper.ship()
    learner = corner.learner("for a while")
    learner.step()
    state, _ = SnapshotStore(corner.cluster).load(new_policy)
    learner.close()
    for name in documents(corner):
        corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}/_doc/{name}")
    return state


def documents(corner: Corner) -> dict[str, Any]:
    path = f"/{corner.cluster.name('state')}"
    corner.cluster.request("POST", f"{path}/_refresh")
    found = corner.cluster.get(f"{path}/_search", size=1000)
    return {hit["_id"]: hit["_source"] for hit in found["hits"]["hits"]}


def pieces(corner: Corner) -> set[str]:
    return {name.split("-")[2] for name in documents(corner) if name.startswith("snapshot-part")}


def cuts(corner: Corner, sha256: str) -> Iterator[None]:
    """Damage a part at every tenth of its length, mending it in between."""
    path = f"/{corner.cluster.name('state')}/_doc/"
    known = {name: one for name, one in documents(corner).items() if sha256 in name}
    names = sorted(known, key=lambda name: int(name.rpartition("-")[2]))
    whole = b"".join(base64.b64decode(known[name]["blob"]) for name in names)
    for tenth in range(10):
        left = whole[: len(whole) * tenth // 10]
        for number, name in enumerate(names):
            piece = base64.b64encode(left[number * 500 : (number + 1) * 500]).decode()
            corner.cluster.request("PUT", path + name, {**known[name], "blob": piece})
        yield
    for name in names:
        corner.cluster.request("PUT", path + name, known[name])


def test_a_snapshot_cut_at_every_tenth_of_its_length_is_refused(
    corner: Corner, store: SnapshotStore
) -> None:
    state = learnt(corner, "q1")
    head = store.publish(state, None, 0)
    for _ in cuts(corner, head.kept[0].state):
        with pytest.raises(BrokenState, match="rebuilds the snapshot"):
            store.load(new_policy)
    watcher = SnapshotWatcher(store, new_policy)
    for _ in cuts(corner, head.kept[0].served):
        assert not watcher.look()
        assert watcher.current().version == "new"
        assert watcher.refused == state.version
    assert watcher.look()
    assert watcher.refused is None
    again, found = store.load(new_policy)
    assert found == head
    assert dump_state(again) == dump_state(state)


def test_sidecars_keep_the_last_good_one_and_take_the_next_good_one(
    corner: Corner, store: SnapshotStore
) -> None:
    state = learnt(corner, "q1")
    head = store.publish(state, None, 0)
    watcher = SnapshotWatcher(store, new_policy)
    assert watcher.look()
    good = watcher.current()
    state.position = type(state.position)(1, 10)
    head = store.publish(state, head, 1)
    damage(corner, head.kept[0].served)
    assert not watcher.look()
    assert watcher.current() is good
    assert watcher.damaged == 1
    assert watcher.refused == "g1-11"

    late = SnapshotWatcher(store, new_policy)  # starts now, and has nothing yet
    assert late.look()
    assert late.current().version == good.version
    assert late.refused == "g1-11"

    state.position = type(state.position)(1, 11)
    store.publish(state, head, 2)
    for one in (watcher, late):
        assert one.look()
        assert one.current().version == "g1-12"
        assert one.refused is None
        assert not one.look()


def test_a_learner_goes_on_from_the_last_good_one_and_comes_to_the_same(corner: Corner) -> None:
    state = learnt(corner, "q1", "q2")
    store = SnapshotStore(corner.cluster)
    early = store.publish(beginning(), None, 0)
    head = store.publish(state, early, 1)
    damage(corner, head.kept[0].state)
    learner = corner.learner("another")
    assert learner.step().entries == 6
    learner.close()
    resumed, _ = store.load(new_policy)
    assert dump_state(resumed) == dump_state(state)


def test_a_policy_that_answers_otherwise_than_it_did_is_refused(
    corner: Corner, store: SnapshotStore
) -> None:
    state = learnt(corner, "q1")
    assert state.example is not None
    head = store.publish(state, None, 0)
    assert store.serve(new_policy) is not None

    class Otherwise(type(new_policy())):  # type: ignore[misc]
        def values(self, context: Any, eligible: Any) -> dict[str, float]:
            return {name: 1 - value for name, value in super().values(context, eligible).items()}

    def otherwise() -> Any:
        made = new_policy()
        made.__class__ = Otherwise
        return made

    with pytest.raises(BrokenState, match="when it was written"):
        store.served(head.kept[0], otherwise)


def test_what_was_cut_off_while_publishing_is_not_seen_and_swept_later(
    corner: Corner, store: SnapshotStore
) -> None:
    state = learnt(corner, "q1")
    head = store.publish(state, None, 0)
    before = pieces(corner)
    stale = Head(head.seq_no + 1, head.primary_term, head.kept)
    state.position = type(state.position)(1, 10)
    with pytest.raises(Superseded):
        store.publish(state, stale, 1)
    assert store.head() == head
    assert len(pieces(corner)) == len(before) + 2
    assert store.sweep(head) == []  # it is young: somebody may be publishing it
    age(corner)
    assert len(store.sweep(head)) == 2
    assert pieces(corner) == before


def test_the_newest_two_are_kept_and_earlier_ones_that_are_apart(
    corner: Corner, store: SnapshotStore
) -> None:
    state = learnt(corner, "q1")
    head = None
    for second in range(0, 300, 30):
        state.position = type(state.position)(1, 10 + second)
        head = store.publish(state, head, second * 1000)
    assert head is not None
    assert [one.published_at // 1000 for one in head.kept] == [270, 240, 180]
    assert pieces(corner) == {part for one in head.kept for part in (one.state, one.served)}
    for one in head.kept:
        assert store.state(one, new_policy).position == one.position
        assert store.served(one, new_policy).version == one.version


def test_another_format_is_refused_and_not_overwritten(corner: Corner) -> None:
    path = f"/{corner.cluster.name('state')}/_doc/snapshot"
    for body in ({}, {"format": 1, "kept": []}, {"format": 99}):
        corner.cluster.request("PUT", path, {"kind": "snapshot", "version": "g1-5", "body": body})
        with pytest.raises(OtherFormat, match="another version"):
            SnapshotStore(corner.cluster).load(new_policy)
        with pytest.raises(OtherFormat):
            corner.learner("one").step()
        corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}/_doc/lease")
    assert corner.cluster.get(path)["_source"]["body"] == {"format": 99}


def test_nothing_is_published_where_there_is_no_index(corner: Corner) -> None:
    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}")
    with pytest.raises(Unavailable):
        SnapshotStore(corner.cluster).publish(State(new_policy()), None, 0)


def beginning() -> State:
    """What every state is folded from."""
    return State(new_policy())


def damage(corner: Corner, sha256: str) -> None:
    path = f"/{corner.cluster.name('state')}/_doc/snapshot-part-{sha256}-0"
    source = corner.cluster.get(path)["_source"]
    corner.cluster.request("PUT", path, {**source, "blob": source["blob"][:40]})


def age(corner: Corner) -> None:
    """All parts were stored long ago."""
    for name, source in documents(corner).items():
        if name.startswith("snapshot-"):
            path = f"/{corner.cluster.name('state')}/_doc/{name}"
            corner.cluster.request("PUT", path, {**source, "updated_at": 1})
    documents(corner)
