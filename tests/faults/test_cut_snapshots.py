"""A snapshot that is cut at every tenth of its length, under load.

Sidecars keep the last good one, serve it and say so; the learner passes over the cut one and learns
again from the one before: nothing is lost, nothing counts twice, nobody is refused.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import urllib3
from fault_corner import Corner
from sidecars import wait_until

from bandit_service.learner.keeping import Kept
from bandit_service.learner.snapshot import DOCUMENT, PART, Head, SnapshotStore
from ltrr.client import Client
from plugin.cluster import Cluster, ResponseError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def degraded(corner: Corner) -> list[str]:
    """What whichever worker is asked calls degraded."""
    answer = urllib3.request("GET", f"{corner.sidecar.address}/_ltrr/health")
    assert answer.status == 200
    told: list[str] = answer.json()["degraded"]
    return told


def cut_newest(cluster: Cluster, tenth: int) -> bool:
    """Leave so many tenths of both parts of the newest snapshot, once there is one before it;
    False where the learner was quicker.

    It gets a name of its own, so that sidecars which have it already look at it once more.
    """
    head = SnapshotStore(cluster).head()
    if head is None or len(head.kept) < 2:
        return False
    newest, *rest = head.kept
    whole = {
        path: document
        for part in (newest.state, newest.served)
        for path, document in pieces(cluster, part)
    }
    for path, document in whole.items():
        data = base64.b64decode(document["blob"])
        left = base64.b64encode(data[: len(data) * tenth // 10]).decode()
        cluster.request("PUT", path, {**document, "blob": left})
    cut = replace(newest, version=f"{newest.version}-cut-{tenth}")
    if written(cluster, head, (cut, *rest)):
        return True
    for path, document in whole.items():  # it is the one before the newest by now: leave it alone
        cluster.request("PUT", path, document)
    return False


def pieces(cluster: Cluster, sha256: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The documents of a part, by their paths."""
    path = f"/{cluster.name('state')}/_doc/{PART}-{sha256}"
    first = cluster.get(f"{path}-0")["_source"]
    for number in range(int(first["body"]["pieces"])):
        yield f"{path}-{number}", cluster.get(f"{path}-{number}")["_source"]


def written(cluster: Cluster, head: Head, kept: tuple[Kept, ...]) -> bool:
    """Whether the head was replaced, by nobody else meanwhile."""
    path = f"/{cluster.name('state')}/_doc/{DOCUMENT}"
    document = cluster.get(path)["_source"]
    document["body"]["kept"] = [one.to_json() for one in kept]
    condition = {"if_seq_no": head.seq_no, "if_primary_term": head.primary_term}
    try:
        cluster.request("PUT", path, document, params=condition)
    except ResponseError as error:
        if error.response_status != 409:
            raise
        return False
    return True


def test_snapshots_that_are_cut_at_every_tenth_of_their_length(corner: Corner) -> None:
    with corner.sidecar.cluster() as cluster, corner.load(people=2) as load:
        load.goes_on()
        for tenth in range(10):
            # The learner publishes another within a second or so: until somebody has looked.
            wait_until(
                lambda tenth=tenth: cut_newest(cluster, tenth) and seen(corner),
                f"a sidecar tells of a snapshot of which {tenth} tenths are left",
                60,
            )
            wait_until(lambda: not degraded(corner), "there is another snapshot", every_s=0.2)
            load.goes_on(5)
    assert load.ledger.refused == []
    assert "is passed over" in corner.sidecar.log()
    corner.check()


def seen(corner: Corner) -> bool:
    """Whether a sidecar comes to tell that the newest snapshot is damaged, and serves meanwhile."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if told := degraded(corner):
            assert "is damaged" in told[0]
            with Client(corner.sidecar.address) as client:
                assert client.search("lemon soup", learn=False)["hits"]
            return True
    return False
