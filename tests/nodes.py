"""Helpers for tests that need a real node; on the path because ``conftest.py`` is beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
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
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one
_ROOM_BYTES = 4 * 2**30


def sweep() -> None:
    """Stop the nodes, and remove the folders, of test runs that were killed."""
    places = {Path(tempfile.gettempdir()), _IN_MEMORY}
    for folder in (one for place in places for one in place.glob(f"{_PREFIX}*-*")):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            stop_program(folder / "node.json")
            shutil.rmtree(folder, ignore_errors=True)


def _roomy_memory() -> Path | None:
    there = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free >= _ROOM_BYTES
    return _IN_MEMORY if there and psutil.virtual_memory().available >= _ROOM_BYTES else None


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that the node's unprivileged user can enter (pytest's own are private).

    In memory where there is room: a node syncs a dozen files for each template or index that it is
    given, and tests give it thousands.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_roomy_memory()))
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


def at_once(requests: Iterable[Callable[[], object]]) -> None:
    """Make requests side by side: one by one, each would wait for a cluster state of its own."""
    with ThreadPoolExecutor(8) as pool:
        for begun in [pool.submit(one) for one in requests]:
            begun.result()


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
    ours = [
        f"/{kind}/{name}"
        for kind, found in names.items()
        for name in found
        if name.startswith(start)
    ]
    at_once(partial(cluster.request, "DELETE", path) for path in ours)
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
