"""``plan`` is still empty when the node was stopped and started again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from nodes import embedded_engine, open_folder

from plugin.assets import AssetValues
from plugin.assets.planning import apply, plan
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def test_plan_is_empty_and_the_pipeline_works_after_a_restart(
    folder: Path, model_server: Any
) -> None:
    values = AssetValues("restarted", model_server.address, model_server.encoder.dimensions)
    with open_folder() as state:
        engine = embedded_engine(state)
        try:
            apply(folder, Cluster(engine.up().url, "restarted", timeout_s=60), values)
            engine.down()
            cluster = Cluster(engine.up().url, "restarted", timeout_s=60)
            # ML Commons looks after its models in the background; no moment of it may show.
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline:
                found = plan(folder, cluster, values)
                assert (found.changes, found.refusals) == ((), ())
            path = f"/{cluster.name('entities')}/_doc/1"
            cluster.request("PUT", path, {"name": "City"})
            assert cluster.get(path)["_source"]["enrichment"] == "partial"
        finally:
            engine.down()
