"""``ltrr serve`` with a cross-encoder by name: loaded beside the answering, then it has a say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sidecars import Sidecar, loaded, wait_until

from bandit_service.journal.reader import Position, Reader
from ltrr.client import Client
from plugin.engine import Running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

MAKE = Path(__file__).parents[2] / "unit" / "make_cross_encoder.py"
ENTITIES = [
    {"id": dish, "type": "recipe", "name": f"Lemon {dish}"} for dish in ("soup", "cake", "pie")
]


@pytest.fixture(scope="module")
def sidecar(node: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sidecar]:
    folder = tmp_path_factory.mktemp("reading")
    model = folder / "tiny"
    made = [sys.executable, str(MAKE), str(model)]
    subprocess.run(made, check=True, capture_output=True)
    settings = {
        "LTRR_CROSS_ENCODER": str(model),
        "LTRR_HOLDOUT": "0",
        "LTRR_BUDGET_MS": "30000",
    }
    with loaded(node.url, folder, ENTITIES, **settings) as started:
        started.start()
        yield started


def test_pages_are_read_once_the_model_is_there(sidecar: Sidecar) -> None:
    with Client(sidecar.address, timeout_s=60) as client:

        def read() -> bool:
            answer = client.search("lemon")
            assert {hit["id"] for hit in answer["hits"]} == {"soup", "cake", "pie"}
            return not answer["degraded"]

        wait_until(read, "a page without anything missing", 120, every_s=1.0)
    with sidecar.cluster() as cluster:

        def versions() -> set[str]:
            entries = [one.entry for one in Reader(cluster).after(Position())]
            pages = [one.body for one in entries if one is not None and one.kind == "page"]
            return {str(page["ranker_version"]) for page in pages}

        wait_until(lambda: "blend and cross@tiny" in versions(), "the page in the journal", 60)
