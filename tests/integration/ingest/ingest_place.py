"""Where the tests of ingest work; on the path because ``conftest.py`` is beside it."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import urllib3

from plugin.cluster import Cluster

ASSETS = Path(__file__).parents[3] / "opensearch"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_health(server: subprocess.Popen[bytes], port: int, log: IO[str]) -> None:
    """Return when the model server answers; fail with its log when it does not."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib3.request("GET", f"http://127.0.0.1:{port}/health", retries=False)
        except urllib3.exceptions.HTTPError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise AssertionError(f"the model server does not answer: {log.read()}") from error
            time.sleep(0.1)
        else:
            return


@dataclass(frozen=True)
class Place:
    """A cluster with our assets, and the environment in which `ltrr` finds it."""

    cluster: Cluster
    environment: dict[str, str]
