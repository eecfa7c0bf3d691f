"""A copy of the project's assets, and a model server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from topics import ModelServer, TopicEncoder

from plugin.assets import AssetValues
from plugin.cluster import Cluster

ASSETS = Path(__file__).parents[3] / "opensearch"


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ASSETS, tmp_path / "opensearch"))


@pytest.fixture
def values(cluster: Cluster, model_server: ModelServer) -> AssetValues:
    return AssetValues(cluster.namespace, model_server.address, TopicEncoder.dimensions)


@pytest.fixture
def client_values(cluster: Cluster) -> AssetValues:
    """Without models: quicker, where a test is about something else."""
    return AssetValues(cluster.namespace, "", TopicEncoder.dimensions, enrichment="client")
