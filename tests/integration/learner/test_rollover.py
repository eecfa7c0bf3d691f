"""The journal over several indexes on a real node: every entry once, in one order."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime

import pytest
from corner import Corner, new_policy

from bandit_service.journal.controls import order, promote
from bandit_service.journal.journal import Journal
from bandit_service.journal.names import generations, write_generation
from bandit_service.journal.query_ids import QueryIds
from bandit_service.journal.reader import Position, Reader
from bandit_service.journal.rollover import Bounds, Rollover
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import dump_state
from plugin.cluster import ResponseError

pytestmark = pytest.mark.integration
ALWAYS = Bounds(most_bytes=1)
DAY_MS = 24 * 3_600_000


def roll(corner: Corner, bounds: Bounds = ALWAYS, *, days: float = 0, needed: int = 1) -> None:
    """Tend the journal as if so many days later."""
    now_ms = time.time() * 1000 + days * DAY_MS
    Rollover(corner.cluster, bounds, now_ms=lambda: now_ms).tend(Position(needed, -1))


def everything(corner: Corner) -> list[str]:
    """The ids of all entries, as a learner reads them."""
    reader, position, ids = Reader(corner.cluster, page=3), Position(), []
    while placed := reader.after(position):
        ids += [one.entry.id for one in placed if one.entry is not None]
        position = placed[-1].position
    return ids


def test_readers_go_on_where_the_journal_goes_on(corner: Corner) -> None:
    roll(corner)
    assert generations(corner.cluster) == [1]  # an empty index is not rolled over
    for number in range(4):
        corner.visit(f"q{number}", "s", choose="b", generation=write_generation(corner.cluster))
        corner.shipper.ship()
        roll(corner)
    assert generations(corner.cluster) == [1, 2, 3, 4, 5]
    parts = ("d", "p:0", "f:1")
    assert everything(corner) == [f"q{number}:{part}" for number in range(4) for part in parts]
    found = corner.cluster.get(f"/{corner.cluster.name('journal')}-000005/_mapping")
    first = corner.cluster.get(f"/{corner.cluster.name('journal')}-000001/_mapping")
    assert [*found.values()] == [*first.values()]
    views = corner.cluster.get(f"/_alias/{corner.cluster.name('ubi_events')}")
    assert len(views) == 5


def test_age_rolls_over_and_youth_does_not(corner: Corner) -> None:
    corner.visit("q", "s")
    corner.shipper.ship()
    roll(corner, Bounds(), days=29)
    assert generations(corner.cluster) == [1]
    roll(corner, Bounds(), days=31)
    assert generations(corner.cluster) == [1, 2]


def test_what_waited_in_a_spool_goes_to_the_newest_and_what_had_arrived_goes_nowhere(
    corner: Corner,
) -> None:
    corner.visit("q1", "s1", choose="b")
    corner.shipper.ship()
    corner.visit("q2", "s2", choose="b")
    roll(corner)
    corner.visit("q1", "s1", choose="b")  # a shipper that does not know that it got through
    corner.shipper.ship()
    roll(corner)
    corner.visit("q2", "s2", choose="b")
    corner.shipper.ship()
    assert sorted(everything(corner)) == sorted(
        f"{query}:{part}" for query in ("q1", "q2") for part in ("d", "p:0", "f:1")
    )
    assert corner.shipper.shipped == 12
    assert corner.shipper.refused == 0


def test_a_learner_goes_on_over_indexes_and_a_replay_gives_the_same(corner: Corner) -> None:
    learner = corner.learner("one")
    for number in range(6):
        corner.visit(f"q{number}", f"s{number}", choose="b")
        corner.shipper.ship()
        if number % 2:
            roll(corner)
        learner.step()
        learner.step()
    learner.close()
    state, _ = SnapshotStore(corner.cluster).load(new_policy)
    assert state.counts["choice"] == 6
    assert state.position.generation == 3
    corner.cluster.request("DELETE", f"/{corner.cluster.name('state')}/_doc/snapshot")
    again = corner.learner("again")
    again.catch_up(threading.Event())
    again.close()
    assert dump_state(SnapshotStore(corner.cluster).load(new_policy)[0]) == dump_state(state)


def test_under_writers_that_go_on_nothing_is_lost_and_nothing_comes_twice(corner: Corner) -> None:
    corner.shipper.start()
    reader, position, ids = Reader(corner.cluster, page=7), Position(), []
    rng = random.Random(5)
    for number in range(60):
        rolls = rng.random() < 0.15
        if rolls:  # only an index that holds something is followed by another
            assert corner.shipper.flush(30)
        corner.visit(f"q{number}", "s", choose="b")
        if rolls:
            roll(corner)
        for one in reader.after(position):
            position = one.position
            ids += [one.entry.id] if one.entry is not None else []
    assert corner.shipper.flush(30)
    while placed := reader.after(position):
        position = placed[-1].position
        ids += [one.entry.id for one in placed if one.entry is not None]
    assert len(ids) == len(set(ids)) == 180
    assert position.generation > 3


def test_what_came_later_than_its_index_is_found_by_its_query_id(corner: Corner) -> None:
    ids = QueryIds("secret")
    journal = Journal(corner.cluster, corner.spool, corner.shipper, ids)
    query_id = journal.issue()
    corner.visit(query_id, "s", choose="b")
    corner.visit("filler", "s", generation=1)
    corner.shipper.ship()
    corner.visit(late := journal.issue(), "s", choose="b")
    roll(corner)
    corner.shipper.ship()
    journal.refresh()
    assert journal.index.endswith("-000002")
    for one, index in ((query_id, "-000001"), (late, "-000002")):
        assert journal.index_of(one).endswith("-000001")
        assert journal.decision(one).index.endswith(index)
        assert journal.first_page(one).body["ranked"] == ["a", "b"]
        corner.cluster.request("POST", f"/{corner.cluster.name('journal')}-*/_refresh")
        assert [entry.id for entry in journal.feedback(one)] == [f"{one}:f:1"]


def test_only_what_no_snapshot_needs_and_was_kept_long_enough_is_deleted(corner: Corner) -> None:
    for number in range(3):
        corner.visit(f"q{number}", "s", generation=number + 1)
        corner.shipper.ship()
        roll(corner)
    kept_long = Bounds(keep_ms=2 * DAY_MS)
    roll(corner, Bounds(), days=20, needed=4)
    assert generations(corner.cluster) == [1, 2, 3, 4]  # by default for ever
    roll(corner, kept_long, days=1, needed=4)
    assert generations(corner.cluster) == [1, 2, 3, 4]
    roll(corner, kept_long, days=3, needed=2)
    assert generations(corner.cluster) == [2, 3, 4]
    roll(corner, kept_long, days=3, needed=4)
    assert generations(corner.cluster) == [4]
    roll(corner, kept_long, days=3, needed=9)
    assert generations(corner.cluster) == [4]


def test_a_roll_over_that_was_cut_off_is_finished_by_the_next(corner: Corner) -> None:
    corner.visit("q1", "s")
    corner.shipper.ship()
    first = f"/{corner.cluster.name('journal')}-000001"
    roll(corner)
    corner.cluster.request("PUT", f"{first}/_settings", {"index.blocks.write": None})
    assert everything(corner) == ["q1:d", "q1:p:0"]
    corner.visit("q2", "s", generation=2)
    corner.shipper.ship()
    assert everything(corner) == ["q1:d", "q1:p:0"]  # nobody may go on before it is closed
    roll(corner, Bounds())
    assert everything(corner) == ["q1:d", "q1:p:0", "q2:d", "q2:p:0"]


def test_an_order_is_given_once_whichever_index_it_went_to(corner: Corner) -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    order(corner.cluster, promote("ranker", "0" * 64), noon, "the same")
    roll(corner)
    with pytest.raises(ResponseError):
        order(corner.cluster, promote("ranker", "0" * 64), noon, "the same")
    assert order(corner.cluster, promote("ranker", "0" * 64), noon, "new").index.endswith("2")
