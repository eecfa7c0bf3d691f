"""An example as somebody runs it: its assets applied, its catalogue loaded, a sidecar over it.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import os
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from ingest.sources.base import Document
from ingest.sources.catalogue import Catalogue
from ltrr.client import Client
from ltrr.demo.sidecar import start_sidecar, stop_sidecar
from ltrr.loading import Request, Summary, load
from ltrr.settings import Settings
from ltrr.wiring import asset_values
from plugin.assets.planning import apply
from plugin.cluster import Cluster

EXAMPLES = Path(__file__).parents[3] / "examples"
ASSETS = {"music": EXAMPLES.parent / "opensearch", "products": EXAMPLES / "products" / "opensearch"}


def checks_of(example: str) -> Mapping[str, Any]:
    """The table file of an example: what its pages must hold."""
    return tomllib.loads((EXAMPLES / example / "checks.toml").read_text(encoding="utf-8"))


def eventually(holds: Callable[[], bool], patience_s: float = 60.0) -> bool:
    """Whether ``holds`` becomes true in time: what another process does has its own pace."""
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.2)
    return True


@dataclass(frozen=True)
class ExampleWorld:
    """A running example: everything a test needs to use it as anybody would."""

    example: str
    settings: Settings
    cluster: Cluster
    client: Client
    folder: Path
    loaded: Summary

    @property
    def checks(self) -> Mapping[str, Any]:
        return checks_of(self.example)

    def page(self, query: str = "", **asked: Any) -> list[dict[str, Any]]:
        """The hits of a query that teaches nothing."""
        hits: list[dict[str, Any]] = self.client.search(query, learn=False, **asked)["hits"]
        return hits

    def unready(self) -> list[str]:
        """The strategies that cannot be asked yet."""
        return [one["name"] for one in self.client.strategies() if not one["ready"]]

    def add(self, id: str, entity: Mapping[str, Any]) -> None:
        """Load one more entity, as `ltrr ingest FILE` does."""
        path = self.folder / "more.jsonl"
        path.write_bytes(orjson.dumps({"_id": id, **entity}))
        assert _load(self.settings, path, self.folder).failed == 0
        self.cluster.request("POST", f"/{self.cluster.name('entities')}/_refresh")


@contextmanager
def example_world(example: str, cluster: Cluster, cache: Path, folder: Path) -> Iterator[Any]:
    """Apply, ingest with client enrichment and the real encoder, and serve.

    Every query runs every strategy, so that a page does not depend on what is explored.
    """
    environment = {
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": cluster.url,
        "LTRR_NAMESPACE": cluster.namespace,
        "LTRR_STATE": str(folder / "state"),
        "LTRR_CACHE": str(cache),
        "LTRR_ASSETS": str(ASSETS[example]),
        "LTRR_ENRICHMENT": "client",
        "LTRR_EVERYTHING": "1",
        "LTRR_HOLDOUT": "0",
        "LTRR_BUDGET_MS": "30000",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("LTRR_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = Settings.from_env()
        apply(settings.assets, cluster, asset_values(settings))
        loaded = _load(settings, _source(example, folder), folder)
        cluster.request("POST", f"/{cluster.name('entities')}/_refresh")
        address, _ = start_sidecar(settings, None)
    try:
        with Client(address, timeout_s=60) as client:
            world = ExampleWorld(example, settings, cluster, client, folder, loaded)
            # The vocabulary of the entities is read beside serving.
            eventually(lambda: not world.unready())
            yield world
    finally:
        stop_sidecar(settings)


def _source(example: str, folder: Path) -> Path:
    """The whole catalogue; or, where its checks name a slice, those files of it as JSON lines."""
    wanted = checks_of(example).get("slice")
    if wanted is None:
        return EXAMPLES / example
    path = folder / "slice.jsonl"
    with path.open("wb") as lines:
        for item in Catalogue(EXAMPLES / example).read():
            assert isinstance(item, Document)
            if item.place.startswith(tuple(wanted)):
                lines.write(orjson.dumps({"_id": item.id, **item.body}) + b"\n")
    return path


def _load(settings: Settings, path: Path, folder: Path) -> Summary:
    return load(
        settings,
        Request(
            path=path,
            from_index=None,
            form="auto",
            index="entities",
            by_client=True,
            fields={},
            columns=None,
            kind="document",
            errors=folder / "errors.jsonl",
            resume=True,
            prune=False,
            deletions=None,
            rebuild_sparse=False,
        ),
    )
