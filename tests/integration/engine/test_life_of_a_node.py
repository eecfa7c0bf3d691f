"""Up, killed, up again, down: a node of its own, driven by the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from nodes import embedded_engine, open_folder

from plugin.cluster import Cluster
from plugin.engine.http import Http
from plugin.engine.record import process_of, read_record
from plugin.errors import EngineError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """``ltrr`` with a state folder of its own."""

    state: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ltrr", *arguments, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # The address of a model server: `up` starts none of its own.
            env={
                **os.environ,
                "LTRR_STATE": str(self.state),
                "LTRR_MODEL_SERVER": "http://127.0.0.1:9",
            },
        )

    def run(self, *arguments: str) -> Any:
        return finish(self.start(*arguments))


def finish(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def ltrr() -> Iterator[CommandLine]:
    with open_folder() as state:
        line = CommandLine(state)
        yield line
        line.run("down")


def test_two_at_once_start_one_node(ltrr: CommandLine) -> None:
    both = [ltrr.start("up"), ltrr.start("up")]
    one, other = (finish(process) for process in both)
    assert one["pid"] == other["pid"]
    assert sorted([one["started"], other["started"]]) == [False, True]


def test_up_again_changes_nothing(ltrr: CommandLine) -> None:
    first, second = ltrr.run("up"), ltrr.run("up")
    assert second == {**first, "started": False}


def test_after_kill_9_up_brings_back_the_data_at_the_same_address(ltrr: CommandLine) -> None:
    before = ltrr.run("up")
    cluster = Cluster(before["url"], "killed")
    cluster.request("PUT", "/killed-things/_doc/1", {"name": "tayler love"})
    os.kill(before["pid"], signal.SIGKILL)
    after = ltrr.run("up")
    assert after["started"] is True
    assert after["pid"] != before["pid"]
    assert after["url"] == before["url"]
    # The client that was there before goes on without doing anything.
    assert cluster.get("/killed-things/_doc/1")["_source"] == {"name": "tayler love"}
    cluster.close()


def test_the_node_runs_without_roots_rights_and_listens_on_loopback_only(
    ltrr: CommandLine,
) -> None:
    process = psutil.Process(ltrr.run("up")["pid"])
    assert process.uids().effective != 0
    listening = [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
    assert listening
    assert {one.laddr.ip.removeprefix("::ffff:") for one in listening} == {"127.0.0.1"}


def test_down_stops_our_node_and_no_other(ltrr: CommandLine, node: Any) -> None:
    ours = read_record(ltrr.state / "node.json")
    assert process_of(ours) is not None
    assert ltrr.run("down") == {"stopped": ["node"]}
    assert process_of(ours) is None
    assert ltrr.run("down") == {"stopped": []}
    with Http(node.url) as http:
        assert http.ask("GET", "/") is not None


def test_a_node_that_dies_at_its_start_says_why(ltrr: CommandLine) -> None:
    for path in (ltrr.state / "node" / "data" / "nodes" / "0" / "_state").iterdir():
        path.write_bytes(b"not what Lucene wrote")
    with pytest.raises(EngineError, match="died while it started") as caught:
        embedded_engine(ltrr.state).up()
    assert "Lucene" in caught.value.message
    assert "The node's data is damaged" in caught.value.message
    assert "console.log" in caught.value.message
