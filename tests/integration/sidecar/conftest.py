"""A small world on the node: one for each test that changes it, one for all that only look."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from nodes import clean
from small_world import Search, World, searching, small_world

from plugin.cluster import Cluster
from plugin.engine import Running


@pytest.fixture
def world(cluster: Cluster, tmp_path: Path) -> Iterator[World]:
    """A world of this test's own."""
    with small_world(cluster, tmp_path) as made:
        yield made


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A client of a sidecar over this test's own world."""
    return world.client()


@pytest.fixture
def search(client: FlaskClient) -> Search:
    """Search in this test's own world, and expect a page."""
    return searching(client)


@pytest.fixture(scope="session")
def shared_world(node: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that no test may change (the journal of what they ask does grow)."""
    cluster = Cluster(node.url, f"t{secrets.token_hex(4)}", timeout_s=60)
    try:
        with small_world(cluster, tmp_path_factory.mktemp("shared")) as made:
            yield made
    finally:
        clean(cluster)
        cluster.close()


@pytest.fixture
def look(shared_world: World) -> FlaskClient:
    """A client of a new sidecar over the shared world."""
    return shared_world.client()


@pytest.fixture
def find(look: FlaskClient) -> Search:
    """Search in the shared world, and expect a page."""
    return searching(look)
