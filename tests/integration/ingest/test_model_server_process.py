"""`ltrr model-server` as a process: answers, says what is wrong at start, and leaves no orphan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import urllib3
from ingest_place import ASSETS, free_port, wait_for_health

COMMAND = [sys.executable, "-m", "ltrr", "model-server"]


def refusal(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, "LTRR_ASSETS": str(ASSETS), **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_answers_over_http(model_server: str) -> None:
    answer = urllib3.request("POST", f"{model_server}/v1/embeddings", json={"input": ["a", "b"]})
    assert answer.status == 200
    assert [len(entry["embedding"]) for entry in answer.json()["data"]] == [384, 384]
    refused = urllib3.request("POST", f"{model_server}/v1/embeddings", body=b" " * 9_000_000)
    assert refused.status == 413


def test_a_port_that_is_taken_is_said_at_once(model_server: str) -> None:
    port = model_server.rpartition(":")[2]
    assert f"cannot listen at 127.0.0.1:{port}" in refusal({}, "--port", port)


def test_an_encoder_that_is_not_there_is_said_at_once() -> None:
    assert "LTRR_ENCODER" in refusal({"LTRR_ENCODER": "./nowhere"}, "--port", str(free_port()))


def test_assets_that_are_not_there_are_said_at_once(tmp_path: Path) -> None:
    environment = {"LTRR_ASSETS": str(tmp_path)}
    assert "schema.toml" in refusal(environment, "--port", str(free_port()))


def test_a_killed_server_leaves_nobody_on_its_port(tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(
            [*COMMAND, "--port", str(port)],
            env={**os.environ, "LTRR_ASSETS": str(ASSETS)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        wait_for_health(server, port, log)
        server.send_signal(signal.SIGKILL)
        server.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            urllib3.request("GET", f"http://127.0.0.1:{port}/health", retries=False)
        except urllib3.exceptions.HTTPError:
            return
        time.sleep(0.1)
    raise AssertionError("its worker still answers")
