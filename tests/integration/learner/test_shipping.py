"""From spools to the journal, and back out in order."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from corner import Corner, eventually

from bandit_service.journal.journal import Journal
from bandit_service.journal.names import generations, index_name, write_generation
from bandit_service.journal.query_ids import QueryIds
from bandit_service.journal.reader import Placed, Position, Reader
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from plugin.cluster import Cluster
from plugin.errors import BrokenState, MissingIndex, NodeUnavailable, NotFound

pytestmark = pytest.mark.integration


def read_all(reader: Reader, position: Position = Position()) -> list[Placed]:  # noqa: B008 - frozen
    found: list[Placed] = []
    while page := reader.after(position):
        found += page
        position = page[-1].position
    return found


def ids(found: list[Placed]) -> list[str]:
    return [one.entry.id for one in found if one.entry is not None]


def test_what_is_shipped_is_read_back_as_it_was(corner: Corner) -> None:
    corner.visit("q1", "s1", choose="a")
    assert corner.shipper.ship() == 3
    found = read_all(Reader(corner.cluster))
    assert ids(found) == ["q1:d", "q1:p:0", "q1:f:1"]
    page = found[1].entry
    assert page is not None
    assert page.kind == "page"
    assert page.session == "s1"
    assert page.body["ranked"] == ["a", "b"]
    assert corner.spool.waiting_bytes == 0


def test_shipping_again_changes_nothing(corner: Corner, tmp_path: Path) -> None:
    corner.visit("q1", "s1", choose="a")
    corner.shipper.ship()
    corner.visit("q1", "s1", choose="a")
    corner.shipper.ship()
    assert len(read_all(Reader(corner.cluster))) == 3
    assert not (tmp_path / "dead-letters.jsonl").exists()


def test_with_concurrent_writers_everything_is_tailed_once_and_in_order(
    corner: Corner, tmp_path: Path
) -> None:
    writers, each = 4, 300
    reader = Reader(corner.cluster, page=100)
    found: list[Placed] = []

    def write(writer: int) -> None:
        spool = Spool(tmp_path / f"spool{writer}", max_bytes=2**26)
        shipper = Shipper(
            corner.cluster, spool, dead_letters=tmp_path / "dead", linger_s=0.001, batch=20
        )
        shipper.start()
        for number in range(each):
            body = {"object_id": "a", "action": "click"}
            spool.append(corner.entry(f"w{writer}:{number}", "feedback", body, "s"))
        shipper.stop(30)
        spool.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    position = Position()
    while any(thread.is_alive() for thread in threads):
        for one in reader.after(position):
            found.append(one)
            position = one.position
    found += read_all(reader, position)
    assert len(ids(found)) == len(set(ids(found))) == writers * each
    assert [one.position for one in found] == sorted(one.position for one in found)
    for writer in range(writers):
        mine = [id for id in ids(found) if id.startswith(f"w{writer}:")]
        assert mine == [f"w{writer}:{number}" for number in range(each)]


def test_a_node_that_is_away_costs_nothing_but_time(corner: Corner, tmp_path: Path) -> None:
    nowhere = Cluster("http://127.0.0.1:9", corner.cluster.namespace)
    corner.visit("q1", "s1", choose="a")
    away = Shipper(nowhere, corner.spool, dead_letters=tmp_path / "dead", linger_s=0.001)
    away.start()
    eventually(lambda: away.last_error is not None)
    away.stop(0)
    nowhere.close()
    assert corner.spool.waiting_bytes > 0
    with pytest.raises(NodeUnavailable):
        Shipper(nowhere, corner.spool, dead_letters=tmp_path / "dead").ship()
    corner.shipper.start()
    assert corner.shipper.flush(30)
    assert len(read_all(Reader(corner.cluster))) == 3


def test_an_index_that_is_not_there_is_waited_for_and_never_made_by_accident(
    corner: Corner,
) -> None:
    body = {"object_id": "a", "action": "click"}
    corner.spool.append(corner.entry("q:f:1", "feedback", body, "s", generation=2))
    with pytest.raises(MissingIndex, match="ltrr apply"):
        corner.shipper.ship()
    assert generations(corner.cluster) == [1]
    assert corner.spool.waiting_bytes > 0


def test_what_the_node_refuses_for_good_goes_to_the_dead_letters_alone(
    corner: Corner, tmp_path: Path
) -> None:
    good = {"object_id": "a", "action": "click"}
    refused = corner.entry("q:f:2", "feedback", good, "s")
    corner.spool.append(corner.entry("q:f:1", "feedback", good, "s"))
    corner.spool.append(replace(refused, session={"an object": "where a name belongs"}))
    corner.spool.append(corner.entry("q:f:3", "feedback", good, "s"))
    corner.shipper.ship()
    assert ids(read_all(Reader(corner.cluster))) == ["q:f:1", "q:f:3"]
    assert corner.shipper.refused == 1
    letters = (tmp_path / "dead-letters.jsonl").read_text().splitlines()
    assert [json.loads(letter)["entry"]["id"] for letter in letters] == ["q:f:2"]
    assert "session" in json.loads(letters[0])["reason"]


def test_the_spool_of_a_dead_process_is_shipped_by_the_living(
    corner: Corner, tmp_path: Path
) -> None:
    dead = Spool(corner.spool.root, max_bytes=2**20)
    dead.append(corner.entry("q:f:1", "feedback", {"object_id": "a"}, "s"))
    dead.close()  # unshipped: the folder stays, its lock is free
    corner.shipper.start()
    corner.spool.appended.set()
    eventually(lambda: not dead.folder.exists())
    assert ids(read_all(Reader(corner.cluster))) == ["q:f:1"]


def test_the_reader_goes_on_to_the_next_index_only_when_nothing_can_come_before_it(
    corner: Corner,
) -> None:
    cluster = corner.cluster
    corner.visit("q1", "s1")
    corner.shipper.ship()
    mapping = cluster.get(f"/{index_name(cluster, 1)}")[index_name(cluster, 1)]["mappings"]
    cluster.request("PUT", f"/{index_name(cluster, 2)}", {"mappings": mapping})
    corner.spool.append(corner.entry("q2:f:1", "feedback", {"object_id": "a"}, "s", generation=2))
    corner.shipper.ship()
    reader = Reader(cluster)
    assert ids(read_all(reader)) == ["q1:d", "q1:p:0"]
    cluster.request("PUT", f"/{index_name(cluster, 1)}/_block/write")
    assert ids(read_all(reader)) == ["q1:d", "q1:p:0", "q2:f:1"]
    assert generations(cluster) == [1, 2]
    assert write_generation(cluster) == 2


def test_a_page_is_found_at_once_and_after_a_restart(corner: Corner, tmp_path: Path) -> None:
    queries = QueryIds("secret")
    journal = Journal(corner.cluster, corner.spool, corner.shipper, queries)
    journal.refresh()
    query = journal.issue()
    corner.visit(query, "s1", choose="a")
    assert journal.first_page(query).body["ranked"] == ["a", "b"]
    corner.shipper.ship()
    fresh = Spool(tmp_path / "other", max_bytes=2**20)
    other = Journal(
        corner.cluster, fresh, Shipper(corner.cluster, fresh, dead_letters=tmp_path / "d"), queries
    )
    assert other.first_page(query).body["ranked"] == ["a", "b"]
    assert other.decision(query).body["query"] == "tayler love"
    with pytest.raises(NotFound, match="Search again"):
        other.first_page(queries.issue(1))
    with pytest.raises(NotFound, match="never given out"):
        other.first_page(QueryIds("forged").issue(1))
    eventually(lambda: [one.body["object_id"] for one in other.feedback(query)] == ["a"])
    fresh.close()


def test_a_journal_index_that_was_made_anew_is_told_and_not_passed_over(corner: Corner) -> None:
    corner.visit("q1", "s1", choose="a")
    corner.shipper.ship()
    with pytest.raises(BrokenState, match="made anew"):
        Reader(corner.cluster).after(Position(1, 41))
