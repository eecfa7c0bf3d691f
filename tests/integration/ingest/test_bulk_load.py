"""`ltrr ingest`, as a person runs it: nothing is lost, and what fails is named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ingest_place import Place

pytestmark = pytest.mark.integration


def ingest(
    place: Place, *arguments: object, folder: Path
) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Exit code, summary, and the lines of the error file."""
    errors = folder / "errors.jsonl"
    command = [sys.executable, "-m", "ltrr", "ingest", "--json", "--errors", str(errors)]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        env=place.environment,
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    lines = [json.loads(line) for line in errors.read_text().splitlines()]
    return done.returncode, json.loads(done.stdout), lines


def stored(place: Place) -> dict[str, dict[str, Any]]:
    query = {"query": {"match_all": {}}, "size": 100}
    path = f"/{place.cluster.name('entities')}/_search"
    found = place.cluster.request("POST", path, query)["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in found}


def write_lines(path: Path, *lines: Any) -> Path:
    path.write_text(
        "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    )
    return path


def test_a_beir_folder_is_loaded_with_its_fields_mapped(place: Place, tmp_path: Path) -> None:
    write_lines(
        tmp_path / "corpus.jsonl",
        {"_id": "a", "title": "Roadster", "text": "", "metadata": {"maker": ["Gazelle"]}},
        {"_id": "b", "title": "", "text": "A bell " * 40, "metadata": {"language": "en"}},
    )
    code, summary, errors = ingest(
        place, tmp_path, "--field", "by=metadata.maker", "--type", "product", folder=tmp_path
    )
    assert (code, errors) == (0, [])
    assert (summary["read"], summary["stored"], summary["failed"]) == (2, 2, 0)
    found = stored(place)
    assert {name: found["a"][name] for name in ("type", "name", "by", "enrichment")} == {
        "type": "product",
        "name": "Roadster",
        "by": ["Gazelle"],
        "enrichment": "done",
    }
    assert found["b"]["name"].startswith("A bell A bell")
    assert found["b"]["language"] == "en"
    assert all(len(entity["vector"]) == 384 for entity in found.values())


def test_bad_documents_land_in_the_error_file_and_the_others_are_stored(
    place: Place, tmp_path: Path
) -> None:
    good = {"id": "good", "type": "song", "name": "Good"}
    path = write_lines(
        tmp_path / "entities.jsonl",
        good,
        "{not json\n",
        "\n",
        "[1]\n",
        {"id": "no-name", "type": "song"},
        {"id": "bad-date", "type": "song", "name": "Late", "published": "yesterday"},
        {"id": "bad-rank", "type": "song", "name": "Low", "popularity": -3},
        {"id": "good", "type": "song", "name": "Another"},
        {"id": ["x"], "type": "song", "name": "Listed"},
        {"id": "object", "type": "song", "name": {"first": "x"}},
        {"type": "song", "name": "No id"},
    )
    code, summary, errors = ingest(place, path, folder=tmp_path)
    assert code == 1
    assert (summary["read"], summary["stored"], summary["failed"]) == (10, 2, 8)
    assert [error["line"].rpartition(":")[2] for error in errors] == [
        "2", "4", "5", "8", "9", "10", "6", "7",
    ]  # fmt: skip
    reasons = {error["line"].rpartition(":")[2]: error["reason"] for error in errors}
    assert "not JSON" in reasons["2"]
    assert "name is missing" in reasons["5"]
    assert "published" in reasons["6"]
    assert "positive" in reasons["7"]
    assert "entities.jsonl:1" in reasons["8"]
    assert {entity["name"] for entity in stored(place).values()} == {"Good", "No id"}


@pytest.mark.parametrize("enrich", ["client", "pipeline"])
def test_loading_again_changes_nothing(place: Place, tmp_path: Path, enrich: str) -> None:
    path = write_lines(
        tmp_path / "entities.jsonl",
        {"id": 7, "type": "song", "name": "Seven", "by": ["Someone"], "popularity": 5},
        {"name": "No id of its own", "by": ["Someone"]},
    )
    first = ingest(place, path, "--enrich", enrich, folder=tmp_path)
    before = stored(place)
    again = ingest(place, path, "--enrich", enrich, folder=tmp_path)
    assert first[0] == again[0] == 0
    assert len(before) == 2
    assert "7" in before
    assert stored(place) == before
    # Only a load by the client makes what sparse weights come from.
    marked = {"client": "done", "pipeline": "partial"}[enrich]
    assert all(entity["enrichment"] == marked for entity in before.values())


def test_pending_entities_are_counted_when_the_model_server_is_away(
    place_without_models: Place, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "entities.jsonl", {"name": "One"}, {"name": "Two"})
    code, summary, _ = ingest(place_without_models, path, "--enrich", "pipeline", folder=tmp_path)
    assert code == 0
    assert (summary["stored"], summary["pending"]) == (2, 2)
    code, summary, _ = ingest(place_without_models, path, folder=tmp_path)
    assert (code, summary["stored"]) == (0, 2)
    assert {entity["enrichment"] for entity in stored(place_without_models).values()} == {"done"}


def test_an_index_that_is_not_there_is_an_error_and_none_is_made(
    place: Place, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "entities.jsonl", {"name": "One"})
    command = [sys.executable, "-m", "ltrr", "ingest", str(path), "--index", "nothing"]
    done = subprocess.run(
        command, env=place.environment, cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "`ltrr apply`" in done.stderr
    assert place.cluster.find(f"/{place.cluster.name('nothing')}") is None
    assert not (tmp_path / "ingest-errors.jsonl").exists()
