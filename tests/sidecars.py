"""Real sidecars over a real node, each a process of its own; on the path beside ``conftest.py``."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil
import urllib3
from nodes import clean

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import find_places
from plugin.engine.ports import choose_port
from plugin.engine.process import start_program, stop_record
from plugin.engine.record import Record, process_of

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Sidecar:
    """A sidecar; tests may stop it and start it again. ``settings``: of its environment."""

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

    @contextmanager
    def cluster(self) -> Iterator[Cluster]:
        """Its node and namespace."""
        opened = Cluster(self.settings["OPENSEARCH_URL"], self.settings["LTRR_NAMESPACE"])
        try:
            yield opened
        finally:
            opened.close()

    def workers(self) -> list[psutil.Process]:
        """The processes that answer, oldest first."""
        master = process_of(self.record) if self.record else None
        children = master.children() if master else []
        return sorted(children, key=lambda one: one.create_time())

    def figure(self, name: str) -> float | None:
        """A sample of ``/_ltrr/metrics`` with its labels; None where it was not told yet."""
        told = urllib3.request("GET", f"{self.address}/_ltrr/metrics").data.decode()
        found = re.search(rf"^ltrr_{re.escape(name)} (\S+)$", told, re.MULTILINE)
        return float(found[1]) if found else None

    def log(self) -> str:
        """What it said since it was started."""
        return (self.folder / "sidecar.log").read_text(errors="replace")

    def stop(self) -> None:
        if self.record is not None:
            stop_record(self.record)
            self.record = None


@contextmanager
def loaded(
    url: str, folder: Path, entities: Sequence[Mapping[str, Any]], **more: str
) -> Iterator[Sidecar]:
    """Assets applied and ``entities`` loaded in a namespace of its own; a sidecar, not started.

    ``more``: settings by their variables. What was made is deleted at the end.
    """
    namespace = f"t{secrets.token_hex(4)}"
    port = choose_port(None, namespace)
    settings = {
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": url,
        "LTRR_NAMESPACE": namespace,
        "LTRR_STATE": str(folder / "state"),
        "LTRR_CACHE": str(find_places(Settings.from_env(os.environ)).cache),
        "LTRR_PORT": str(port),
        **more,
    }
    lines = folder / "entities.jsonl"
    lines.write_bytes(b"".join(orjson.dumps(entity) + b"\n" for entity in entities))
    cluster = Cluster(url, namespace, timeout_s=60)
    sidecar = Sidecar(settings, port, folder)
    try:
        for command in (["apply"], ["ingest", str(lines)]):
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
        yield sidecar
    finally:
        sidecar.stop()
        clean(cluster)
        cluster.close()


def wait_until(
    holds: Callable[[], Any], what: str, within_s: float = 30, *, every_s: float = 0.05
) -> Any:
    """Ask ``holds`` until it does; fails after ``within_s`` saying ``what`` did not happen."""
    deadline = time.monotonic() + within_s
    while not (result := holds()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(every_s)
    return result
