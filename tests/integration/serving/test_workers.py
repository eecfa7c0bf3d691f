"""``ltrr serve`` with several workers: one is stopped, one is killed, all end, under load."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import urllib3
from sidecars import Sidecar, loaded, wait_until

from ltrr.client import Client
from plugin.engine import Running
from plugin.errors import LtrrError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

ENTITIES = [
    {"id": f"{plant}-{dish}", "type": "recipe", "name": f"{plant.title()} {dish}"}
    for plant in ("lemon", "carrot", "leek")
    for dish in ("soup", "cake", "pie")
]


@pytest.fixture(scope="module")
def sidecar(node: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    folder = tmp_path_factory.mktemp("serving")
    # A busy machine is no reason to refuse anybody here.
    with loaded(node.url, folder, ENTITIES, LTRR_WORKERS="2", LTRR_BUDGET_MS="30000") as started:
        started.start()
        yield started


@dataclass
class Load:
    """People who search and choose, one after the other, over kept connections."""

    address: str
    acknowledged: set[str] = field(default_factory=set)
    answered: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._people = [threading.Thread(target=self._person, args=(n,)) for n in range(4)]

    def __enter__(self) -> Load:
        for one in self._people:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for one in self._people:
            one.join(60)

    def _person(self, number: int) -> None:
        with Client(self.address, timeout_s=30, connections=1) as client:
            turn = 0
            while not self._end.is_set():
                turn += 1
                event_id = f"e-{number}-{turn}"
                try:
                    page = client.search("lemon soup", session=f"s{number}")
                    hit = page["hits"][0]["id"]
                    event = {"query_id": page["query_id"], "object_id": hit, "action": "click"}
                    client.feedback({**event, "event_id": event_id})
                except LtrrError as error:
                    with self._lock:
                        self.failures.append(error.message)
                    continue
                with self._lock:
                    self.answered += 1
                    self.acknowledged.add(f"{page['query_id']}:f:{event_id}")

    def goes_on(self, count: int = 20) -> None:
        """Wait until ``count`` more were answered."""
        goal = self.answered + count
        wait_until(lambda: self.answered >= goal, f"{count} more answers")


def stored(sidecar: Sidecar) -> set[str]:
    """The ids of the feedback in the journal."""
    with sidecar.cluster() as cluster:
        index = f"/{cluster.name('journal')}-*"
        cluster.request("POST", f"{index}/_refresh")
        body = {"query": {"term": {"kind": "feedback"}}, "size": 10_000, "_source": False}
        hits = cluster.request("POST", f"{index}/_search", body)["hits"]["hits"]
    return {hit["_id"] for hit in hits}


def lease_holder(sidecar: Sidecar) -> str:
    """Who learns now: process id and a random part; "" for nobody."""
    with sidecar.cluster() as cluster:
        return str(cluster.get(f"/{cluster.name('state')}/_doc/lease")["_source"]["body"]["holder"])


def spooled(sidecar: Sidecar) -> list[Path]:
    """Folders that the workers' spools left behind."""
    return list((Path(sidecar.settings["LTRR_STATE"]) / "spool").glob("*-*"))


def replaced(sidecar: Sidecar, gone: psutil.Process) -> bool:
    return not gone.is_running() and len(sidecar.workers()) == 2


def test_any_worker_answers_for_all_of_them(sidecar: Sidecar) -> None:
    with Load(sidecar.address) as load:
        load.goes_on()
    pages = set()
    for _ in range(6):
        told = urllib3.request("GET", f"{sidecar.address}/_ltrr/metrics").data.decode()
        pages |= set(re.findall(r'route="/_ltrr/search",status="200"} (\S+)', told))
    assert len(pages) == 1
    assert float(pages.pop()) >= load.answered
    wait_until(lambda: sidecar.figure("learner_leading") == 1, "exactly one of them learns")
    wait_until(lambda: sidecar.figure("journal_lag_entries") == 0, "learning has caught up")
    assert sidecar.figure("requests_in_flight") == 0
    assert (sidecar.figure("snapshot_seq_no") or 0) > 0


def test_stopping_one_worker_breaks_no_connection(sidecar: Sidecar) -> None:
    with Load(sidecar.address) as load:
        load.goes_on()
        for one in sidecar.workers():
            one.terminate()
            load.goes_on()
            wait_until(lambda one=one: replaced(sidecar, one), "the worker is replaced")
    assert load.failures == []
    wait_until(lambda: load.acknowledged <= stored(sidecar), "all feedback is in the journal")


def test_what_a_killed_worker_had_acknowledged_arrives(sidecar: Sidecar) -> None:
    with Load(sidecar.address) as load:
        load.goes_on()
        killed = sidecar.workers()[0]
        killed.kill()
        load.goes_on()
        wait_until(lambda: replaced(sidecar, killed), "the worker is replaced")
    # At most what it was answering just then: each person waits for one answer at a time.
    assert len(load.failures) <= 4
    wait_until(lambda: load.acknowledged <= stored(sidecar), "all feedback is in the journal")
    # Every few seconds the living look for spools of the dead.
    dead = f"{killed.pid}-"
    wait_until(
        lambda: not any(one.name.startswith(dead) for one in spooled(sidecar)),
        "its spool is adopted",
    )


def test_the_end_leaves_nothing_in_the_spool_and_frees_the_lease(sidecar: Sidecar) -> None:
    with Load(sidecar.address) as load:
        load.goes_on(40)
    workers = sidecar.workers()
    pids = [str(one.pid) for one in workers]
    # The one that was killed may have been the learner: another takes over.
    wait_until(lambda: lease_holder(sidecar).partition("-")[0] in pids, "one of them learns")
    sidecar.stop()
    assert not any(one.is_running() for one in workers)
    assert spooled(sidecar) == []
    assert load.acknowledged <= stored(sidecar)
    assert lease_holder(sidecar) == ""
