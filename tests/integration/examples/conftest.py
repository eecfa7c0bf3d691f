"""One world for each example, shared by all tests of this folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest
from example_world import ASSETS, ExampleWorld, example_world
from nodes import clean

from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import Running, find_places


@pytest.fixture(scope="module", params=sorted(ASSETS))
def world(
    request: pytest.FixtureRequest, node: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExampleWorld]:
    """An example, loaded and served; the encoder comes from the shared cache."""
    cluster = Cluster(node.url, f"t{secrets.token_hex(4)}", timeout_s=60)
    cache = find_places(Settings.from_env(os.environ)).cache
    try:
        with example_world(
            request.param, cluster, cache, tmp_path_factory.mktemp(request.param)
        ) as made:
            yield made
    finally:
        clean(cluster)
        cluster.close()
