"""A real sidecar over a real node, with a small pantry of entities, for tests of the page."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from nodes import clean

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import Running, find_places
from plugin.engine.ports import choose_port
from plugin.engine.process import start_program, stop_record
from plugin.engine.record import Record

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "Lemon <img src=x onerror=\"document.title='broken in'\"> cake"

_DISHES = ("soup", "salad", "stew", "pie", "curry", "cake", "bread", "noodles")
_COOKS = ("Ada Ladle", "Bruno Whisk", "Chen Skillet")
_PLANTS = ("lemon", "carrot", "leek", "beetroot")


def pantry() -> list[dict[str, object]]:
    """Recipes of cooks, the cooks themselves, and one entity whose name is hostile."""
    recipes = [
        {
            "id": f"recipe-{plant}-{dish}",
            "type": "recipe",
            "name": f"{plant.title()} {dish}",
            "by": [_COOKS[(row + column) % 3]],
            "categories": ["vegetarian", dish],
            "attributes": ["quick"] if column % 2 else ["slow", "winter"],
            "popularity": 1 + row + 4 * column,
        }
        for row, plant in enumerate(_PLANTS)
        for column, dish in enumerate(_DISHES)
    ]
    cooks = [
        {
            "id": f"cook-{name.split()[0].lower()}",
            "type": "cook",
            "name": name,
            "text": "Cooks lemon things, vegetarian, quick or slow.",
            "popularity": 20,
        }
        for name in _COOKS
    ]
    hostile = {"id": "hostile", "type": "recipe", "name": HOSTILE, "by": ["<script>x</script>"]}
    return [*recipes, *cooks, hostile]


@dataclass
class Sidecar:
    """A running sidecar; tests may stop it and start it again."""

    settings: dict[str, str]
    port: int
    folder: Path
    record: Record | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.record = start_program(
            "sidecar",
            [sys.executable, "-m", "ltrr", "serve"],
            record_path=self.folder / "sidecar.json",
            log=self.folder / "sidecar.log",
            port=self.port,
            ready=self.ready,
            timeout_s=120,
            env={**os.environ, **self.settings},
            cwd=ROOT,
        )

    def ready(self) -> bool:
        with Client(self.address, timeout_s=5) as client:
            return client.ready()

    def stop(self) -> None:
        if self.record is not None:
            stop_record(self.record)
            self.record = None


@contextmanager
def serving(node: Running, folder: Path) -> Iterator[Sidecar]:
    """Assets applied, the pantry loaded, a sidecar ready, in a namespace of its own."""
    namespace = f"t{secrets.token_hex(4)}"
    port = choose_port(None, namespace)
    settings = {
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node.url,
        "LTRR_NAMESPACE": namespace,
        "LTRR_STATE": str(folder / "state"),
        "LTRR_CACHE": str(find_places(Settings.from_env(os.environ)).cache),
        "LTRR_PORT": str(port),
        "LTRR_EXAMPLES": "lemon;vegetarian quick",
    }
    entities = folder / "pantry.jsonl"
    entities.write_bytes(b"".join(orjson.dumps(entity) + b"\n" for entity in pantry()))
    cluster = Cluster(node.url, namespace, timeout_s=60)
    sidecar = Sidecar(settings, port, folder)
    try:
        for command in (["apply"], ["ingest", str(entities)]):
            done = subprocess.run(
                [sys.executable, "-m", "ltrr", *command],
                env={**os.environ, **settings},
                cwd=ROOT,
                text=True,
                capture_output=True,
                timeout=240,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        cluster.request("POST", f"/{namespace}-entities/_refresh")
        sidecar.start()
        yield sidecar
    finally:
        sidecar.stop()
        clean(cluster)
        cluster.close()
