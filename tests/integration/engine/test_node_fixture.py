"""The node and the cluster that other tests stand on."""

from __future__ import annotations

import pytest
from nodes import clean

from plugin.cluster import Cluster
from plugin.engine import Running

pytestmark = pytest.mark.integration


def test_the_node_has_what_retrieval_needs(node: Running) -> None:
    assert {"opensearch-knn", "opensearch-neural-search", "opensearch-ml"} <= set(node.plugins)
    assert node.ml_commons


def test_what_a_test_made_is_gone_afterwards(node: Running, cluster: Cluster) -> None:
    other = Cluster(node.url, f"{cluster.namespace}x")
    for owner in (cluster, other):
        owner.request("PUT", f"/{owner.name('things-000001')}")
        owner.request(
            "PUT",
            f"/_index_template/{owner.name('things')}",
            {"index_patterns": [owner.name("things*")], "priority": 5},
        )
        owner.request("PUT", f"/_ingest/pipeline/{owner.name('enrich')}", {"processors": []})
        owner.request(
            "PUT",
            f"/_scripts/{owner.name('lexical')}",
            {"script": {"lang": "mustache", "source": "{}"}},
        )

    def left(owner: Cluster) -> list[bool]:
        paths = [
            f"/{owner.name('things-000001')}",
            f"/_index_template/{owner.name('things')}",
            f"/_ingest/pipeline/{owner.name('enrich')}",
            f"/_scripts/{owner.name('lexical')}",
        ]
        return [owner.find(path) is not None for path in paths]

    clean(cluster)
    assert left(cluster) == [False] * 4
    assert left(other) == [True] * 4
    clean(other)
    other.close()
