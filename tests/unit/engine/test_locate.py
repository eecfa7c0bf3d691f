from __future__ import annotations

import os
import socket
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ltrr.settings import Settings
from plugin.engine import locate
from plugin.engine.ports import choose_port, is_free
from plugin.engine.record import Record, write_record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings.from_env({}), state=tmp_path)


def note(folder: Path, name: str, port: int, *, alive: bool = True) -> None:
    """A record of this very process, or of one that was here before it."""
    created = psutil.Process().create_time() - (0 if alive else 1000)
    record = Record(name, os.getpid(), created, port, {"ml_commons": "yes"})
    write_record(folder / f"{name}.json", record)


def test_nothing_is_located_before_the_first_up(settings: Settings) -> None:
    assert locate(settings) is None


def test_a_node_that_died_is_not_located(settings: Settings, tmp_path: Path) -> None:
    note(tmp_path, "node", 20001, alive=False)
    assert locate(settings) is None


def test_node_and_model_server_are_found_from_their_records(
    settings: Settings, tmp_path: Path
) -> None:
    note(tmp_path, "node", 20001)
    found = locate(settings)
    assert found is not None
    assert (found.url, found.model_server) == ("http://127.0.0.1:20001", None)
    assert found.ml_commons
    note(tmp_path, "model-server", 20002)
    found = locate(settings)
    assert found is not None
    assert found.model_server == "http://127.0.0.1:20002"


def test_a_model_server_of_the_settings_wins(settings: Settings, tmp_path: Path) -> None:
    note(tmp_path, "node", 20001)
    note(tmp_path, "model-server", 20002)
    found = locate(replace(settings, model_server="http://elsewhere:1"))
    assert found is not None
    assert found.model_server == "http://elsewhere:1"


def test_the_preferred_port_is_chosen_when_it_is_free_and_another_when_not() -> None:
    free = choose_port(None, "seed")
    assert choose_port(free, "seed") == free
    with socket.create_server(("127.0.0.1", free)):
        assert not is_free(free)
        assert choose_port(free, "seed") != free
    assert choose_port(free, "seed", taken=(free,)) != free
