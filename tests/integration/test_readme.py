"""The commands of the README do what they say: each is run as it stands there, in order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nodes import clean

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine.ports import choose_port

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
BLOCKS: list[str] = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def _commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def environment(node_settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The test's node instead of one of its own, and a free port."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for folder in ("opensearch", "examples"):
        (checkout / folder).symlink_to(ROOT / folder)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "ltrr"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ltrr "$@"\n')
    script.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node_settings.opensearch_url,
        "LTRR_NAMESPACE": node_settings.namespace,
        "LTRR_STATE": str(tmp_path / "state"),
        "LTRR_CACHE": str(node_settings.cache),
        # The pipeline has tests of its own; here nobody starts a model server.
        "LTRR_ENRICHMENT": "client",
        "LTRR_PORT": str(choose_port(None, str(tmp_path))),
        "HERE": str(checkout),
    }


def _run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", command],
        env=environment,
        cwd=environment["HERE"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_in_order(environment: dict[str, str]) -> None:
    by_hand = next(block for block in BLOCKS if "ltrr serve" in block)
    apart = (by_hand, _own_data())
    others = [one for block in BLOCKS if block not in apart for one in _commands(block)]
    serving: subprocess.Popen[bytes] | None = None
    try:
        for command in _commands(by_hand):
            if command.endswith("&"):
                serving = subprocess.Popen(
                    command.removesuffix("&").split(), env=environment, cwd=environment["HERE"]
                )
                _wait_until_ready(environment, serving)
                _check(others, environment)
            else:
                _check([command], environment)
    finally:
        if serving is not None:
            serving.terminate()
            serving.wait(30)


def _own_data() -> str:
    return next(block for block in BLOCKS if "ltrr init" in block)


@pytest.mark.timeout(600)
def test_own_data_is_searched_after_the_commands_of_the_readme(
    environment: dict[str, str], cluster: Cluster
) -> None:
    # The namespace that the README chooses is everybody's: here it is one of this test.
    own = Cluster(cluster.url, f"{cluster.namespace}_books", timeout_s=60)
    serving: subprocess.Popen[bytes] | None = None
    try:
        for command in _commands(_own_data()):
            if command.startswith("export "):
                given = dict(word.split("=", 1) for word in command.split()[1:])
                environment |= {**given, "LTRR_NAMESPACE": own.namespace}
            elif command.endswith("&"):
                serving = subprocess.Popen(
                    command.removesuffix("&").split(), env=environment, cwd=environment["HERE"]
                )
                _wait_until_ready(environment, serving)
            else:
                _check([command], environment)
        found = _run(_commands(_own_data())[-2], environment).stdout
        assert "Crime and Punishment" in found
    finally:
        if serving is not None:
            serving.terminate()
            serving.wait(30)
        clean(own)
        own.close()


def _check(commands: list[str], environment: dict[str, str]) -> None:
    for command in commands:
        done = _run(command, environment)
        assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, f"$ {command}\n{done.stderr}"


def _wait_until_ready(environment: dict[str, str], serving: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    with Client(f"http://127.0.0.1:{environment['LTRR_PORT']}") as client:
        while not client.ready():
            assert serving.poll() is None, "ltrr serve ended"
            assert time.monotonic() < deadline, "ltrr serve was not ready within a minute"
            time.sleep(0.2)
