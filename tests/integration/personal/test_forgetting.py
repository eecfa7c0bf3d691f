"""Who is forgotten is in none of our indexes, learnt state is as if they had never been, and a
replay gives the same bytes."""

from __future__ import annotations

import base64
import json
import threading
import zlib
from dataclasses import replace
from typing import Any

import pytest
from learnt_world import LearntWorld

from bandit_service.api.identity import Identity
from bandit_service.collaborators import utc_now
from bandit_service.journal.documents import from_document, to_document
from bandit_service.journal.entries import Entry, feedback_entry
from bandit_service.journal.erasing import Who
from bandit_service.journal.names import generations, index_name
from bandit_service.journal.reader import Position
from bandit_service.journal.rollover import Bounds, Rollover
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import State, dump_state
from bandit_service.personal.forgetting import Forgot, forget
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel

pytestmark = pytest.mark.integration


def new_policy() -> Explorer:
    return Explorer(VwValueModel(), StaticPolicy({}, budget=200))


def hashed(world: LearntWorld, kind: Who, raw: str) -> str:
    identity = Identity(world.world.services.secret)
    found = identity.user(raw) if kind == "user" else identity.session(raw)
    assert found is not None
    return found


def forgotten(world: LearntWorld, kind: Who, raw: str, id: str = "order") -> Forgot:
    return forget(world.cluster, kind, hashed(world, kind, raw), utc_now(), id)


def everything(world: LearntWorld) -> str:
    """All documents of all our indexes, with what is packed in them unpacked."""
    cluster = world.cluster
    cluster.request("POST", f"/{cluster.namespace}-*/_refresh")
    body = {"size": 10_000, "query": {"match_all": {}}}
    hits = cluster.request("POST", f"/{cluster.namespace}-*/_search", body)["hits"]["hits"]
    texts = [json.dumps(hits)]
    for hit in hits:
        blob = hit["_source"].get("blob")
        if blob:
            texts.append(zlib.decompress(base64.b64decode(blob)).decode("latin-1"))
    return "\n".join(texts)


def entries(world: LearntWorld) -> list[Entry]:
    index = index_name(world.cluster, generations(world.cluster)[0])
    body = {"size": 1_000, "query": {"match_all": {}}, "sort": ["_seq_no"]}
    world.cluster.request("POST", f"/{index}/_refresh")
    hits = world.cluster.request("POST", f"/{index}/_search", body)["hits"]["hits"]
    return [from_document(hit["_id"], index, hit["_source"]) for hit in hits]


def state(world: LearntWorld) -> State:
    learnt, _ = SnapshotStore(world.cluster).load(new_policy)
    return learnt


def replayed(world: LearntWorld) -> bytes:
    """Learnt anew from the journal's beginning."""
    world.cluster.request("DELETE", f"/{world.cluster.name('state')}/_doc/snapshot")
    world.learn()
    return dump_state(state(world))


def visits(world: LearntWorld) -> None:
    """Two others and the one who is to be forgotten; one of the queries is theirs alone."""
    world.choose("selena", "amor", user="bob", session="s-bob")
    world.choose("love", "secret", user="ann", session="s-ann")
    world.choose("only ann asked for love", "love", user="ann", session="s-ann")
    world.choose("love", "love", user="eve", session="s-eve")


@pytest.mark.parametrize(("kind", "raw"), [("user", "ann"), ("session", "s-ann")])
def test_nothing_of_them_remains_and_state_is_as_if_they_had_never_been(
    world: LearntWorld, kind: Who, raw: str
) -> None:
    visits(world)
    world.learn()
    assert hashed(world, kind, raw) in everything(world)
    told = forgotten(world, kind, raw)
    assert (told.erased, told.rebuilds) == (6, True)
    world.learn()
    left = everything(world)
    assert hashed(world, kind, raw) not in left
    assert "only ann asked" not in left
    assert hashed(world, "user", "bob") in left
    learnt = state(world)
    assert learnt.counts["choice"] == 2
    assert learnt.counts["forgotten"] == 1
    assert isinstance(learnt.policy, Explorer)
    assert learnt.policy.pages == 2
    assert dump_state(learnt) == replayed(world)
    # Once more: nothing is left to do.
    assert forgotten(world, kind, raw, "again") == Forgot(False, 0, False)


def test_what_still_waits_in_a_spool_is_erased_when_it_arrives(world: LearntWorld) -> None:
    visits(world)
    world.learn()
    late = [
        replace(entry, id=f"late{entry.id}", query_id=f"late{entry.query_id}")
        for entry in entries(world)
        if entry.user == hashed(world, "user", "ann")
    ]
    forgotten(world, "user", "ann")
    world.learn()
    before = dump_state(state(world))
    for entry in late:
        world.world.journal.append(entry)
    world.learn()
    assert hashed(world, "user", "ann") not in everything(world)
    assert dump_state(state(world)) == before == replayed(world)


def test_an_order_whose_giver_died_before_erasing_is_carried_out_by_the_learner(
    world: LearntWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits(world)
    world.learn()

    def dies(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bandit_service.personal.forgetting.erase_of", dies)
    with pytest.raises(KeyboardInterrupt):
        forgotten(world, "user", "ann")
    world.learn()
    assert hashed(world, "user", "ann") not in everything(world)
    learnt = dump_state(state(world))
    assert learnt == replayed(world)


def test_a_learner_that_dies_while_it_learns_anew_leaves_what_there_was(
    world: LearntWorld,
) -> None:
    visits(world)
    world.learn()
    before = dump_state(state(world))
    forgotten(world, "user", "ann")
    dying = world.learner()
    assert not dying.step(publish_now=True).published  # begins again
    assert dump_state(state(world)) == before
    world.learn()
    assert hashed(world, "user", "ann") not in everything(world)
    assert dump_state(state(world)) == replayed(world)


def test_a_journal_index_that_is_closed_for_writes_stays_closed(world: LearntWorld) -> None:
    visits(world)
    world.learn()
    index = index_name(world.cluster, 1)
    about = world.cluster.get(f"/{index}")[index]
    analysis = about["settings"]["index"]["analysis"]
    made = {"mappings": about["mappings"], "settings": {"analysis": analysis}}
    world.cluster.request("PUT", f"/{index_name(world.cluster, 2)}", made)
    world.cluster.request("PUT", f"/{index}/_settings", {"index.blocks.write": True})
    # Of her query, but of a later index, and nobody knew who acted.
    asked = next(one for one in entries(world) if one.user == hashed(world, "user", "ann"))
    event = feedback_entry(
        str(asked.query_id),
        index_name(world.cluster, 2),
        "e",
        utc_now(),
        {},
        session=None,
        user=None,
    )
    later = f"/{event.index}/_create/{event.id}"
    world.cluster.request("PUT", later, to_document(event), params={"refresh": "true"})
    assert forgotten(world, "user", "ann").erased == 7
    found = world.cluster.get(f"/{index}/_settings", flat_settings="true")[index]["settings"]
    assert found["index.blocks.write"] == "true"
    world.learn()
    assert hashed(world, "user", "ann") not in everything(world)


@pytest.mark.parametrize("acts_again", [False, True])
def test_without_the_journals_beginning_it_is_learnt_anew_from_what_is_left(
    world: LearntWorld, acts_again: bool
) -> None:
    visits(world)
    assert world.world.journal.shipper.flush(30)
    Rollover(world.cluster, Bounds(most_bytes=1)).tend(Position())
    world.world.journal.refresh()
    world.choose("love", "love", user="bob", session="s-bob")
    if acts_again:
        world.choose("love", "love", user="ann", session="s-ann")
    world.learn()
    world.cluster.request("DELETE", f"/{index_name(world.cluster, 1)}")
    assert hashed(world, "user", "ann") in everything(world)
    forgotten(world, "user", "ann")
    world.learn()
    assert hashed(world, "user", "ann") not in everything(world)
    learnt = state(world)
    assert learnt.counts["choice"] == 1
    assert learnt.counts["forgotten"] == 1
    known = learnt.users.of(hashed(world, "user", "bob"))
    assert known is not None
    assert list(known.weights) == ["love"]
    # Who is known neither to the journal nor to learnt state changes nothing.
    forgotten(world, "user", "nobody", "for nothing")
    world.learn()
    assert state(world).counts["choice"] == 1


def test_while_a_learner_and_a_sidecar_run_it_takes_seconds(world: LearntWorld) -> None:
    visits(world)
    assert world.world.journal.shipper.flush(30)
    stop = threading.Event()
    learner = world.learner()
    thread = threading.Thread(target=learner.run, args=(stop,))
    thread.start()
    try:
        forgotten(world, "user", "ann")
        world.choose("love", "love", user="ann", session="s-new")  # comes back, and is new
        assert world.world.journal.shipper.flush(30)
    finally:
        stop.set()
        thread.join(30)
    world.learn()
    learnt = state(world)
    assert learnt.counts["choice"] == 3
    known = learnt.users.of(hashed(world, "user", "ann"))
    assert known is not None
    assert list(known.weights) == ["love"]
    assert dump_state(learnt) == replayed(world)
