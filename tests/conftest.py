"""What every test may use: one real OpenSearch node for the whole run, and a corner of it.

The node starts when the first test asks for it, keeps its state in a temporary folder, takes its
downloads from the shared cache, and is stopped at the end.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from nodes import clean, download_once, embedded_engine, open_folder, sweep
from own_node import OwnNode, own_node_at_work

from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import Running, find_places


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long``: faults last longer and come more often. The others: see docs/simulation.md."""
    parser.addoption("--long", action="store_true", help="take hours rather than minutes")
    parser.addoption("--schedules", type=int, default=2_000, help="how many to simulate")
    parser.addoption("--seed", type=int, help="simulate this one schedule")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Download OpenSearch before the first test: a slow network must not run into its time-out."""
    needed = any("node" in getattr(item, "fixturenames", ()) for item in session.items)
    if needed and not session.config.option.collectonly:
        sweep()
        download_once()


@pytest.fixture(scope="session")
def node() -> Iterator[Running]:
    """A real OpenSearch node with k-NN, neural search and ML Commons.

    LTRR_TEST_NODE names the address of one that runs already, for those who run tests all day.
    """
    if running := os.environ.get("LTRR_TEST_NODE"):
        yield Running(running, "url")
        return
    with open_folder() as state:
        engine = embedded_engine(state)
        try:
            yield engine.up()
        finally:
            engine.down()


@pytest.fixture(scope="session")
def own_node() -> Iterator[OwnNode]:
    """Another node, which tests may kill, and start again by ``up``."""
    with own_node_at_work() as own:
        yield own


@pytest.fixture
def cluster(node: Running) -> Iterator[Cluster]:
    """The node, with a namespace of this test's own; what is named for it is deleted afterwards."""
    opened = Cluster(node.url, f"t{secrets.token_hex(4)}", timeout_s=60)
    try:
        yield opened
    finally:
        clean(opened)
        opened.close()


@pytest.fixture
def node_settings(node: Running, cluster: Cluster, tmp_path: Path) -> Settings:
    """Settings that name the node and this test's namespace, with a state folder of its own."""
    return replace(
        Settings.from_env({}),
        engine="url",
        opensearch_url=node.url,
        namespace=cluster.namespace,
        state=tmp_path / "state",
        cache=find_places(Settings.from_env(os.environ)).cache,
    )
