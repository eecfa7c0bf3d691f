"""A model server for the whole run, and a cluster that has our assets and asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from ingest_place import ASSETS, Place, free_port, wait_for_health

from ltrr.settings import Settings
from ltrr.wiring import make_encoder
from plugin.assets.planning import apply
from plugin.assets.schema import Schema, load_schema
from plugin.assets.values import AssetValues
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.engine import Running


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return make_encoder(Settings.from_env())


@pytest.fixture(scope="session")
def schema() -> Schema:
    return load_schema(ASSETS)


@pytest.fixture(scope="session")
def model_server(
    encoder: Encoder, node: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of `ltrr model-server`, run as its own process beside the node."""
    port = free_port()
    log = (tmp_path_factory.mktemp("model-server") / "log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "ltrr", "model-server", "--port", str(port)],
        env={
            **os.environ,
            "LTRR_ASSETS": str(ASSETS),
            "LTRR_ENGINE": "url",
            "OPENSEARCH_URL": node.url,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_for_health(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def applied(cluster: Cluster, settings: Settings, encoder: Encoder, model_server: str) -> Place:
    values = AssetValues(cluster.namespace, model_server, encoder.dimensions)
    apply(ASSETS, cluster, values)
    environment = {
        **os.environ,
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": cluster.url,
        "LTRR_NAMESPACE": cluster.namespace,
        "LTRR_ASSETS": str(ASSETS),
        "LTRR_STATE": str(settings.state),
        "LTRR_CACHE": str(settings.cache),
    }
    return Place(cluster, environment)


@pytest.fixture
def place(cluster: Cluster, node_settings: Settings, encoder: Encoder, model_server: str) -> Place:
    return applied(cluster, node_settings, encoder, model_server)


@pytest.fixture
def place_without_models(cluster: Cluster, node_settings: Settings, encoder: Encoder) -> Place:
    """Its connectors ask an address where nobody listens."""
    return applied(cluster, node_settings, encoder, f"http://127.0.0.1:{free_port()}")
