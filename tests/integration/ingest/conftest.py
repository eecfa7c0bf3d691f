"""A model server for the whole run, and a cluster that has our assets and asks it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from ingest_place import Place

from ltrr.settings import Settings
from ltrr.wiring import make_encoder
from plugin.assets.planning import apply
from plugin.assets.schema import Schema, load_schema
from plugin.assets.values import AssetValues
from plugin.cluster import Cluster
from plugin.encoding import Encoder

ASSETS = Path(__file__).parents[3] / "opensearch"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return make_encoder(Settings.from_env())


@pytest.fixture(scope="session")
def schema() -> Schema:
    return load_schema(ASSETS)


@pytest.fixture(scope="session")
def model_server(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `ltrr model-server`, run as its own process."""
    port = free_port()
    log = (tmp_path_factory.mktemp("model-server") / "log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "ltrr", "model-server", "--port", str(port)],
        env={**os.environ, "LTRR_ASSETS": str(ASSETS)},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                urllib3.request("GET", f"{address}/health", retries=False)
                break
            except urllib3.exceptions.HTTPError:
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    pytest.fail(f"the model server does not answer: {log.read()}")
                time.sleep(0.1)
        yield address
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
