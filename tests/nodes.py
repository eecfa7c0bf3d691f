"""Helpers for tests that need a real node; on the path because ``conftest.py`` is beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psutil

from ltrr.progress import ConsoleReporter
from ltrr.settings import Settings
from plugin.cluster import Cluster, ResponseError
from plugin.engine import Places, find_places
from plugin.engine.artifacts import opensearch
from plugin.engine.base import Advance
from plugin.engine.distribution import assemble
from plugin.engine.download import maven_address
from plugin.engine.embedded import EmbeddedEngine
from plugin.engine.java import Java
from plugin.engine.places import prepare_places
from plugin.engine.process import stop_program
from plugin.errors import MissingIndex


class QuietReporter:
    """Remembers what an engine said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def progress(self, name: str, total: int, done: int) -> nullcontext[Advance]:
        return nullcontext(lambda _: None)


_PREFIX = "ltrr-test-"


def sweep() -> None:
    """Stop the nodes, and remove the folders, of test runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            stop_program(folder / "node.json")
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that the node's unprivileged user can enter (pytest's own are private)."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def download_once() -> None:
    """Fill the shared cache, showing progress; quick when it is full."""
    places = find_places(Settings.from_env(os.environ))
    prepare_places(places)
    assemble(places, opensearch(), maven_address, ConsoleReporter())


def embedded_engine(state: Path, java: Java | None = None) -> EmbeddedEngine:
    """An engine with its own state and the shared cache, on any Java unless one is given."""
    shared = find_places(Settings.from_env(os.environ))
    places = Places(cache=shared.cache, state=state)
    return EmbeddedEngine(places, opensearch(), maven_address, QuietReporter(), java=java)


def clean(cluster: Cluster) -> None:
    """Delete everything in the cluster whose name begins with the namespace."""
    start = f"{cluster.namespace}-"
    cluster.request("DELETE", f"/{start}*", params={"expand_wildcards": "all"})
    templates = cluster.get("/_index_template")["index_templates"]
    scripts = cluster.get("/_cluster/state/metadata", filter_path="metadata.stored_scripts")
    names = {
        "_index_template": [template["name"] for template in templates],
        "_ingest/pipeline": cluster.find("/_ingest/pipeline") or {},
        "_search/pipeline": cluster.find("/_search/pipeline") or {},
        "_scripts": scripts.get("metadata", {}).get("stored_scripts", {}),
    }
    for kind, found in names.items():
        for name in found:
            if name.startswith(start):
                cluster.request("DELETE", f"/{kind}/{name}")
    for model in _of_ml_commons(cluster, "models", start):
        cluster.request("POST", f"/_plugins/_ml/models/{model}/_undeploy")
        cluster.request("DELETE", f"/_plugins/_ml/models/{model}")
    for connector in _of_ml_commons(cluster, "connectors", start):
        cluster.request("DELETE", f"/_plugins/_ml/connectors/{connector}")


def _of_ml_commons(cluster: Cluster, kind: str, start: str) -> list[str]:
    query = {"query": {"prefix": {"name.keyword": start}}, "size": 100}
    try:
        found = cluster.request("POST", f"/_plugins/_ml/{kind}/_search", query)
    except (MissingIndex, ResponseError):  # nobody has made one yet
        return []
    return [hit["_id"] for hit in found["hits"]["hits"]]
