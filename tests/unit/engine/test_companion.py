from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from nodes import QuietReporter

from plugin.engine.companion import Companion
from plugin.engine.places import Places
from plugin.engine.ports import choose_port
from plugin.errors import EngineError


def command(port: int) -> Sequence[str]:
    return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]


@pytest.fixture
def companion(tmp_path: Path) -> Iterator[Companion]:
    (tmp_path / "state").mkdir()
    made = Companion(
        places=Places(cache=tmp_path / "cache", state=tmp_path / "state"),
        name="web-server",
        command=command,
        port=choose_port(None, str(tmp_path)),
        health="/",
        patience_s=20.0,
    )
    yield made
    made.down(QuietReporter())


def test_it_is_started_once(companion: Companion) -> None:
    first = companion.up(QuietReporter())
    assert companion.up(QuietReporter()) == first
    assert companion.status() == first
    assert first.port == companion.port


def test_it_is_started_again_when_it_was_configured_otherwise(companion: Companion) -> None:
    first = companion.up(QuietReporter())
    second = replace(companion, details={"encoder": "other"}).up(QuietReporter())
    assert second.pid != first.pid
    assert second.port == first.port


def test_a_taken_port_is_left_alone_and_the_other_one_is_kept(companion: Companion) -> None:
    with socket.create_server(("127.0.0.1", companion.port)):
        first = companion.up(QuietReporter())
        assert first.port != companion.port
    companion.down(QuietReporter())
    assert companion.up(QuietReporter()).port == first.port


def test_after_it_is_down_it_is_down(companion: Companion) -> None:
    assert companion.down(QuietReporter()) is False
    companion.up(QuietReporter())
    assert companion.down(QuietReporter()) is True
    assert companion.status() is None


def test_one_that_cannot_start_says_why(companion: Companion) -> None:
    broken = replace(companion, command=lambda _: [sys.executable, "-m", "no_such_module"])
    with pytest.raises(EngineError, match="no_such_module"):
        broken.up(QuietReporter())
