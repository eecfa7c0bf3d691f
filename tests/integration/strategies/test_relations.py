"""What entities point to, read from a real node."""

from __future__ import annotations

from math import sqrt

import pytest

from plugin.cluster import Cluster
from plugin.model import Hit
from plugin.relations import pointed_at

pytestmark = pytest.mark.integration

ENTITIES = {
    "song": {"related": {"artist": "band", "album": ["record"]}},
    "list": {"related": {"holds": ["song", "other", "band", "third"]}},
    "alone": {},
}


@pytest.fixture
def shelf(cluster: Cluster) -> Cluster:
    """A few entities that point to each other."""
    index = cluster.name("entities")
    properties = {"related": {"type": "flat_object"}}
    cluster.request("PUT", f"/{index}", {"mappings": {"properties": properties}})
    for id, body in ENTITIES.items():
        cluster.request("PUT", f"/{index}/_doc/{id}", body)
    return cluster


def test_what_points_to_little_says_more_of_it(shelf: Cluster) -> None:
    found = pointed_at(shelf, "related", [Hit("song", 1.0), Hit("list", 0.8), Hit("alone", 0.5)])
    assert [(hit.id, hit.score) for hit in found] == [
        ("band", pytest.approx(1 / sqrt(2))),
        ("record", pytest.approx(1 / sqrt(2))),
        ("other", pytest.approx(0.4)),
        ("third", pytest.approx(0.4)),
    ]


def test_nothing_points_nowhere(shelf: Cluster) -> None:
    assert pointed_at(shelf, "related", []) == []
    assert pointed_at(shelf, "related", [Hit("alone", 1.0), Hit("gone", 1.0)]) == []
