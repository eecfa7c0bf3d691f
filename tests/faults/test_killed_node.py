"""``kill -9`` of OpenSearch under load: what was acknowledged before and after is learnt, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from fault_corner import corner_of
from own_node import OwnNode
from topics import ASSETS, ModelServer

from plugin.assets import AssetValues
from plugin.assets.planning import apply, plan
from plugin.cluster import Cluster

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture
def enriching() -> Iterator[ModelServer]:
    server = ModelServer()
    try:
        yield server
    finally:
        server.stop()


def test_a_node_that_is_killed_under_load(
    own_node: OwnNode, enriching: ModelServer, tmp_path: Path, long: bool
) -> None:
    before = own_node.up()
    values = AssetValues("killed", enriching.address, enriching.encoder.dimensions)
    apply(ASSETS, Cluster(before["url"], "killed", timeout_s=60), values)
    cluster = Cluster(before["url"], "killed", timeout_s=60)
    cluster.request("PUT", "/killed-things/_doc/1", {"name": "tayler love"})
    with corner_of(before["url"], tmp_path) as corner:
        with corner.load() as load:
            for _ in range(5 if long else 1):
                load.goes_on()
                running = own_node.up()
                psutil.Process(running["pid"]).kill()
                after = own_node.up()
                assert after["started"] is True
                assert after["pid"] != running["pid"]
                assert after["url"] == before["url"]
                load.goes_on(within_s=120)
        corner.check()
    # The client that was there before goes on without doing anything.
    assert cluster.get("/killed-things/_doc/1")["_source"] == {"name": "tayler love"}
    _is_as_it_was_applied(cluster, values)
    cluster.close()


def _is_as_it_was_applied(cluster: Cluster, values: AssetValues) -> None:
    """Nothing to do, and a plain document is enriched."""
    # ML Commons looks after its models in the background; no moment of it may show.
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        found = plan(ASSETS, cluster, values)
        assert (found.changes, found.refusals) == ((), ())
    path = f"/{cluster.name('entities')}/_doc/1"
    cluster.request("PUT", path, {"name": "City"})
    assert cluster.get(path)["_source"]["enrichment"] == "partial"
