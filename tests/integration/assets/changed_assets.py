"""Assets that are applied, filled, and then changed in a way that no index can follow in place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_plan_and_apply import edit

from plugin.assets import AssetValues
from plugin.assets.indexes import Allowed
from plugin.assets.planning import apply
from plugin.cluster import Cluster

REPLACE = Allowed(replace=True)
LANGUAGE = ("indexes/entities.json", '"language": {"type": "keyword"}')
AS_TEXT = '"language": {"type": "keyword", "normalizer": "folded"}'


@pytest.fixture
def changed(folder: Path, cluster: Cluster, client_values: AssetValues) -> Path:
    """Applied, with 1,500 entities; then a field was changed in a way that no index can follow."""
    apply(folder, cluster, client_values)
    fill(cluster, 1_500)
    edit(folder, *LANGUAGE, AS_TEXT)
    return folder


def fill(cluster: Cluster, number: int) -> None:
    lines: list[Any] = []
    for n in range(number):
        body = {"name": f"N {n}", "language": "EN", "vector": [1, 0, 0, 0, n], "enrichment": "done"}
        lines += [{"index": {"_id": str(n)}}, body]
    name = cluster.name("entities")
    answer = cluster.lines("POST", f"/{name}/_bulk", lines, params={"refresh": "true"})
    assert not answer["errors"]


def aliased(cluster: Cluster, logical: str = "entities") -> list[str]:
    return sorted(cluster.find(f"/_alias/{cluster.name(logical)}") or {})


def indexes(cluster: Cluster) -> set[str]:
    found = cluster.get(f"/{cluster.name('entities')}-*", filter_path="*.aliases") or {}
    return {name.removeprefix(f"{cluster.namespace}-") for name in found}


def count(cluster: Cluster, query: Any = None) -> int:
    name = cluster.name("entities")
    cluster.request("POST", f"/{name}/_refresh")
    body = {"query": query or {"match_all": {}}}
    return int(cluster.request("POST", f"/{name}/_count", body)["count"])
