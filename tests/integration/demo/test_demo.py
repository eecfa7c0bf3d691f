"""`ltrr demo` on a real node: proves itself, picks free ports, stops what it started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from bicycles import make_checkout

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.engine.record import process_of, read_record

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

DEMO = [sys.executable, "-m", "ltrr", "demo", "--sessions", "24"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def environment(node_settings: Settings, taken_port: int, tmp_path: Path) -> Mapping[str, str]:
    """The shared node, a checkout with another catalogue, and the usual port taken."""
    return {
        **os.environ,
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node_settings.opensearch_url,
        "LTRR_NAMESPACE": node_settings.namespace,
        "LTRR_STATE": str(node_settings.state),
        "LTRR_CACHE": str(node_settings.cache),
        "LTRR_ASSETS": str(make_checkout(tmp_path / "checkout")),
        "LTRR_PORT": str(taken_port),
    }


def programs_of(state: str) -> list[str]:
    """Names of running programs that were noted in a state folder."""
    records = [read_record(path) for path in Path(state).glob("*.json")]
    return [record.name for record in records if record and process_of(record)]


def test_the_check_proves_that_choices_change_the_page_and_leaves_nothing_running(
    environment: Mapping[str, str], taken_port: int
) -> None:
    for attempt in ("first", "second"):
        done = subprocess.run(
            [*DEMO, "--check"],
            env=environment,
            text=True,
            capture_output=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        summary = json.loads(done.stdout.splitlines()[-1])
        assert summary["engine"] == "url"
        assert len(summary["entity_types"]) == 6
        assert len(summary["strategies"]) >= 5
        assert summary["feedback_changed_page"] is True
        assert summary["own_session"]["after"] < summary["own_session"]["before"]
        assert summary["other_session_after"] == 3
        assert summary["simulated"]["simulated"] is True
        assert summary["simulated"]["sessions"] == 24
        assert not summary["address"].endswith(f":{taken_port}")
        assert programs_of(environment["LTRR_STATE"]) == []
        assert ("loaded already" in done.stderr) == (attempt == "second")


def test_it_invites_to_the_page_and_ends_quietly_with_ctrl_c(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    told = tmp_path / "told.txt"
    with told.open("w") as output:
        # A shell that runs tests in the background has them ignore it, and so what they start.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        demo = subprocess.Popen(DEMO, env=environment, stdout=output, stderr=subprocess.STDOUT)
        signal.signal(signal.SIGINT, before)
    try:
        deadline = time.monotonic() + 240
        while "The page is at" not in told.read_text():
            assert demo.poll() is None, told.read_text()
            assert time.monotonic() < deadline, told.read_text()
            wait_a_moment(demo)
        address = told.read_text().partition("The page is at ")[2].split()[0]
        assert f"{address}/?q=red+racing" in told.read_text()
        with Client(address) as client:
            assert client.search("acme bel", learn=False)["hits"]
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0, told.read_text()
    finally:
        demo.kill()
        demo.wait()
    assert programs_of(environment["LTRR_STATE"]) == []
    assert "Traceback" not in told.read_text()


def test_a_failure_on_the_way_is_told_in_one_line_and_leaves_nothing_running(
    environment: Mapping[str, str],
) -> None:
    broken = Path(environment["LTRR_ASSETS"]).parent / "examples" / "bicycles" / "bell.txt"
    broken.write_text("A bell | Acme | no such style\n")
    done = subprocess.run(
        [*DEMO, "--check"],
        env=environment,
        text=True,
        capture_output=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 1
    errors = Path(environment["LTRR_STATE"], "logs", "ingest-errors.jsonl")
    assert str(errors) in done.stderr
    assert "bell.txt" in errors.read_text()
    assert "Traceback" not in done.stderr
    assert programs_of(environment["LTRR_STATE"]) == []


def wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    """Up to a tenth of a second, less if the process ends."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return
