"""Fitted models on a real node: stored whole or not at all, served once ordered."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from corner import Corner, new_policy

from bandit_service.journal.controls import fitted_model, order, promote, roll_back
from bandit_service.journal.rollover import Rollover
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.tending import Tending
from plugin.cluster import ResponseError
from plugin.errors import BrokenState, MissingIndex, NotFound, Unavailable

pytestmark = pytest.mark.integration
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DATA = random.Random(5).randbytes(1000)


def test_bytes_in_pieces_come_back_as_they_were(corner: Corner) -> None:
    store = Artefacts(corner.cluster, piece_bytes=300)
    for data in (DATA, b"", b"x"):
        sha256 = store.put(data, {"trained": "now"})
        assert store.put(data) == sha256  # again: no harm
        assert store.get(sha256) == data
    with pytest.raises(NotFound):
        store.get("0" * 64)
    assert store.find("0" * 64) is None


def test_what_is_cut_or_changed_is_refused_and_storing_it_again_mends_it(corner: Corner) -> None:
    store = Artefacts(corner.cluster, piece_bytes=300)
    sha256 = store.put(DATA)
    other = store.put(DATA[::-1])
    path = f"/{corner.cluster.name('state')}/_doc/artefact-"
    for number in range(4):
        piece = corner.cluster.get(f"{path}{sha256}-{number}")["_source"]
        for blob in (piece["blob"][:-40], piece["blob"][:-3], "", "§"):
            if blob != "§":
                corner.cluster.request("PUT", f"{path}{sha256}-{number}", {**piece, "blob": blob})
            else:
                corner.cluster.request("DELETE", f"{path}{sha256}-{number}")
            with pytest.raises(NotFound if blob == "§" and number == 0 else BrokenState):
                store.get(sha256)
        store.put(DATA)
        assert store.get(sha256) == DATA
    # Another's bytes under this name.
    for number in range(4):
        swapped = corner.cluster.get(f"{path}{other}-{number}")["_source"]
        corner.cluster.request("PUT", f"{path}{sha256}-{number}", swapped)
    with pytest.raises(BrokenState, match="checksum"):
        store.get(sha256)


def test_only_what_nothing_needs_and_is_not_young_is_swept(corner: Corner) -> None:
    store = Artefacts(corner.cluster, piece_bytes=300)
    needed, left, young = store.put(DATA), store.put(DATA[::-1]), b"young"
    corner.cluster.request("POST", f"/{corner.cluster.name('state')}/_refresh")
    assert store.sweep({needed}) == []  # all are young
    assert {one.sha256 for one in store.stored()} == {needed, left}
    store.put(young)  # not refreshed: not seen yet either
    assert store.sweep({needed}, young_ms=0) == [left]
    assert store.find(left) is None
    assert store.get(needed) == DATA


def test_an_ordered_model_is_served_and_a_rolled_back_policy_goes_on(corner: Corner) -> None:
    artefacts = Artefacts(corner.cluster)
    learner = corner.learner("one")
    corner.visit("q1", "s1", choose="b")
    corner.shipper.ship()
    learner.step()
    store = SnapshotStore(corner.cluster)
    before = store.serve(new_policy)
    assert before is not None
    policy = artefacts.put(before.policy.dump())
    sha256 = artefacts.put(DATA)
    order(corner.cluster, fitted_model("ranker", sha256, trained_to=(1, 2)), NOON, "fit")
    order(corner.cluster, promote("ranker", sha256), NOON)
    with pytest.raises(ResponseError):
        order(corner.cluster, fitted_model("ranker", sha256, trained_to=(1, 2)), NOON, "fit")
    for number in range(20):
        corner.visit(f"bad{number}", f"s{number}", choose="a")
    corner.shipper.ship()
    learner.step()
    served = store.serve(new_policy)
    assert served is not None
    assert artefacts.get(served.models["ranker"].sha256) == DATA
    assert served.models["ranker"].position < served.position
    assert served.policy.dump() != before.policy.dump()

    order(corner.cluster, roll_back({"ranker": None}, policy=policy), NOON)
    learner.step()
    state, head = store.load(new_policy)
    assert head is not None
    tending = Tending(corner.cluster, Rollover(corner.cluster), artefacts, store)
    # Neither is served any more, but a replay asks for both.
    assert tending.needed(state, head) == {policy, sha256}
    after = store.serve(new_policy)
    assert after is not None
    assert after.models == {}
    assert after.policy.dump() == before.policy.dump()
    assert after.counts["rolled_back"] == 1
    learner.close()


def test_nothing_is_made_by_accident(corner: Corner) -> None:
    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}")
    with pytest.raises(Unavailable):
        Artefacts(corner.cluster).put(DATA)
    assert corner.cluster.find(f"/{corner.cluster.name('state')}") is None
    corner.cluster.request("DELETE", f"/{corner.cluster.name('journal')}-000001")
    with pytest.raises(MissingIndex):
        order(corner.cluster, promote("ranker", "0" * 64), NOON)
