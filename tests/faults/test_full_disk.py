"""A full disk under the spool: what is refused is told, what was acknowledged is learnt."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_corner import Corner
from ledger import Act, Ledger
from sidecars import wait_until

from ltrr.client import Client
from plugin.errors import SpoolFull

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

ROOM_KB = 256


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of a few kilobytes at ``folder``; only root may mount one."""
    folder.mkdir(parents=True)
    size = f"size={ROOM_KB}k"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def cramped(corner: Corner, tmp_path: Path) -> Iterator[Corner]:
    """A sidecar whose spool, and nothing else, is on the small disk."""
    with (
        small_disk(tmp_path / "state" / "spool"),
        corner.beside(tmp_path, LTRR_WORKERS="1") as one,
    ):
        yield one


def tell(client: Client, ledger: Ledger, entry: str, act: Act) -> None:
    """Send one event and write it down."""
    query_id, _, event_id = entry.split(":", 2)
    ledger.sent[entry] = act
    event = {"query_id": query_id, "object_id": act.entity, "action": "impression"}
    client.feedback({**event, "event_id": event_id})
    ledger.acknowledged.add(entry)


def fill(client: Client, ledger: Ledger, query_id: str, act: Act) -> SpoolFull:
    """Tell more and more, until it is refused."""
    for number in range(10_000):
        try:
            tell(client, ledger, f"{query_id}:f:full-{number}", act)
        except SpoolFull as error:
            return error
    raise AssertionError("the small disk takes everything")


def test_a_full_disk_refuses_what_it_cannot_keep(cramped: Corner) -> None:
    with cramped.load() as load:
        load.goes_on()
    (first, act), *_ = load.ledger.sent.items()
    query_id = first.partition(":")[0]
    ledger = Ledger()
    cramped.ledgers.append(ledger)
    # What the pages left waiting would fill most of so small a disk.
    wait_until(lambda: cramped.sidecar.figure("spool_entries") == 0, "the pages are shipped")
    seen = Act(act.text, act.entity, chose=False)
    with Client(cramped.sidecar.address, timeout_s=20, connections=1) as client:
        cramped.way.cut(silently=False)
        try:
            full = fill(client, ledger, query_id, seen)
            assert "No space left on device" in full.message
            assert len(ledger.acknowledged) > 100
            # Still so, and still told, rather than taken in and dropped.
            for number in range(5):
                with pytest.raises(SpoolFull):
                    tell(client, ledger, f"{query_id}:f:still-full-{number}", seen)
        finally:
            cramped.way.mend()  # others go the same way
        wait_until(lambda: ledger.acknowledged and cramped.sidecar.ready(), "the spool drains")
        tell(client, ledger, f"{query_id}:f:after", seen)
    # It goes on; that so small a disk is full again for a moment, under load, is told each time.
    with cramped.load(people=1) as again:
        again.goes_on()
    assert {type(error) for error in again.ledger.refused} <= {SpoolFull}
    cramped.check()
