"""A load that was killed goes on where it was acknowledged; nothing is lost or doubled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ingest_place import Place
from killing_proxy import Proxy

from ingest.bulk import BATCH

pytestmark = pytest.mark.integration

NUMBER = 4 * BATCH + 10


@pytest.fixture
def proxy(place_without_models: Place) -> Iterator[Proxy]:
    opened = Proxy(place_without_models.cluster.url)
    try:
        yield opened
    finally:
        opened.close()


def start(place: Place, proxy: Proxy, folder: Path, *arguments: object) -> subprocess.Popen[str]:
    # The pipeline's models are away, so it costs no time here: every entity waits for its vector.
    command = [sys.executable, "-m", "ltrr", "ingest", "--json", "--enrich", "pipeline"]
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        env={**place.environment, "OPENSEARCH_URL": proxy.url},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, err = process.communicate(timeout=120)
    assert out, err
    return process.returncode, json.loads(out)


def bulks(proxy: Proxy) -> list[list[str]]:
    """The ids of every bulk request."""
    return [
        [json.loads(line)["index"]["_id"] for line in one.body.splitlines()[::2]]
        for one in proxy.passed
        if "_bulk" in one.path
    ]


def killed_in_the_third_batch(place: Place, proxy: Proxy, folder: Path, path: Path) -> None:
    ready: list[subprocess.Popen[str]] = []
    proxy.fatal = lambda one: "_bulk" in one.path and len(bulks(proxy)) == 3
    proxy.end = lambda: ready[0].kill()  # noqa: PLW0108 - not there yet
    ready.append(start(place, proxy, folder, path))
    assert ready[0].wait(120) != 0
    ready[0].communicate()
    assert len(bulks(proxy)) == 3
    proxy.fatal = lambda _: False
    proxy.passed.clear()


def count(place: Place) -> int:
    alias = place.cluster.name("entities")
    place.cluster.request("POST", f"/{alias}/_refresh")
    return int(place.cluster.get(f"/{alias}/_count")["count"])


def test_a_load_that_was_killed_goes_on_where_it_was_acknowledged(
    place_without_models: Place, proxy: Proxy, tmp_path: Path
) -> None:
    place = place_without_models
    path = tmp_path / "data.csv"
    rows = [f"e{number},Name {number}" for number in range(NUMBER)]
    rows[5] = "e5,"  # an entity without a name, in a batch that was acknowledged
    path.write_text("\n".join(["id,name", *rows]) + "\n")
    killed_in_the_third_batch(place, proxy, tmp_path, path)

    code, summary = finish(start(place, proxy, tmp_path, path))
    assert code == 1
    assert summary["resumed"] == 2 * BATCH
    assert (summary["read"], summary["stored"], summary["failed"]) == (NUMBER, NUMBER - 1, 1)
    # The third batch was stored but not acknowledged: it is sent once more, the first two are not.
    assert [ids[0] for ids in bulks(proxy)] == [f"e{n * BATCH}" for n in (2, 3, 4)]
    assert count(place) == NUMBER - 1
    (error,) = (tmp_path / "ingest-errors.jsonl").read_text().splitlines()
    assert json.loads(error)["line"] == "data.csv:7"

    # What is complete begins again, and so does a source that has changed.
    proxy.passed.clear()
    code, summary = finish(start(place, proxy, tmp_path, path))
    assert (summary["resumed"], sum(map(len, bulks(proxy)))) == (0, NUMBER - 1)


def test_it_begins_again_when_told_to_or_when_the_source_has_changed(
    place_without_models: Place, proxy: Proxy, tmp_path: Path
) -> None:
    place = place_without_models
    path = tmp_path / "data.jsonl"
    lines = [json.dumps({"id": f"e{number}", "name": f"N {number}"}) for number in range(NUMBER)]
    path.write_text("\n".join(lines))
    killed_in_the_third_batch(place, proxy, tmp_path, path)
    path.write_text("\n".join(lines[1:]))
    assert finish(start(place, proxy, tmp_path, path))[1]["resumed"] == 0
    assert count(place) == NUMBER

    proxy.passed.clear()
    killed_in_the_third_batch(place, proxy, tmp_path, path)
    assert finish(start(place, proxy, tmp_path, path, "--restart"))[1]["resumed"] == 0
