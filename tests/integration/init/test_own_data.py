"""From own data to a search: `init`, `validate`, `apply`, `ingest`, and something is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ltrr.settings import Settings
from ltrr.wiring import make_encoder
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[3]
BOOKS = ROOT / "examples/csv/books.csv"


@pytest.fixture
def environment(node_settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node_settings.opensearch_url,
        "LTRR_NAMESPACE": node_settings.namespace,
        "LTRR_STATE": str(node_settings.state),
        "LTRR_CACHE": str(node_settings.cache),
        "LTRR_ENRICHMENT": "client",
        "LTRR_ASSETS": str(tmp_path / "own"),
    }


def run(environment: dict[str, str], folder: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ltrr", *map(str, arguments)],
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def found_by(cluster: Cluster, strategy: str, params: dict[str, Any]) -> list[str]:
    """The names of what one strategy of the folder retrieves."""
    body = {"id": cluster.name(strategy), "params": {"size": 5, "filters": [], **params}}
    path = f"/{cluster.name('entities')}/_search/template"
    hits = cluster.request("POST", path, body)["hits"]["hits"]
    ids = [hit["_id"] for hit in hits]
    found = cluster.request("POST", f"/{cluster.name('entities')}/_mget", {"ids": ids})["docs"]
    return [doc["_source"]["name"] for doc in found]


def test_from_a_csv_to_a_search(
    environment: dict[str, str], cluster: Cluster, node_settings: Settings, tmp_path: Path
) -> None:
    said = run(environment, tmp_path, "init", "own", "--from-csv", BOOKS)
    assert "export LTRR_ASSETS=own" in said
    assert f"ltrr ingest {BOOKS}" in said
    run(environment, tmp_path, "validate")
    run(environment, tmp_path, "apply")
    summary = json.loads(run(environment, tmp_path, "ingest", BOOKS, "--json"))
    assert (summary["stored"], summary["failed"]) == (87, 0)
    assert found_by(cluster, "lexical", {"text": "tolkien hobbit"})[0] == "The Hobbit"
    vector = make_encoder(node_settings).encode(["a whale hunt on the ocean"])[0].tolist()
    assert "Moby-Dick" in found_by(cluster, "dense", {"vector": vector})
    russian = {"term": {"original_language": "Russian"}}
    found = found_by(cluster, "lexical", {"text": "war tragedy love", "filters": [russian]})
    assert found
    assert set(found) <= {"War and Peace", "Anna Karenina", "Doctor Zhivago"}
    # Loading the same again is the same, whatever the ids: they come from the content.
    run(environment, tmp_path, "ingest", BOOKS)
    assert cluster.get(f"/{cluster.name('entities')}/_count")["count"] == 87


def test_from_an_index_to_a_search_and_the_index_is_left_as_it_is(
    environment: dict[str, str], cluster: Cluster, node_settings: Settings, tmp_path: Path
) -> None:
    source = cluster.name("museum")
    lines: list[Any] = []
    for number in range(60):
        what = ("vase", "mask", "coin")[number % 3]
        lines += [
            {"index": {"_id": f"m{number}"}},
            {
                "title": f"{what.capitalize()} number {number}",
                "maker": {"name": f"Workshop {number % 5}"},
                "period": ("Roman", "Greek")[number % 2],
                "acquired": 1_000_000_000_000 + number * 86_400_000,
                "weight_g": number * 1.5,
                "visits": number,
                "place": {"lat": 48.1, "lon": 11.5},
            },
        ]
    mapping = {"properties": {"acquired": {"type": "date"}, "place": {"type": "geo_point"}}}
    cluster.request("PUT", f"/{source}", {"mappings": mapping})
    cluster.lines("POST", f"/{source}/_bulk", lines, params={"refresh": "true"})
    before = cluster.get(f"/{source}")

    said = run(environment, tmp_path, "init", "own", "--from-index", source)
    assert f"ltrr ingest --from-index {source}" in said
    run(environment, tmp_path, "apply")
    summary = json.loads(run(environment, tmp_path, "ingest", "--from-index", source, "--json"))
    assert (summary["stored"], summary["failed"]) == (60, 0)
    entity = cluster.get(f"/{cluster.name('entities')}/_doc/m7")["_source"]
    assert entity["name"] == "Mask number 7"
    assert entity["by"] == "Workshop 2"
    assert entity["popularity"] == 7
    assert entity["published"].startswith("2001-09-16")
    assert entity["place"] == {"lat": 48.1, "lon": 11.5}
    assert entity["period"] == "Greek"
    assert found_by(cluster, "lexical", {"text": "coin number 5"})[0] == "Coin number 5"
    assert cluster.get(f"/{source}") == before
    assert cluster.get(f"/{source}/_count")["count"] == 60
