"""A cluster that is not ours: looked at, never touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from file_server import FileServer, serving

from ltrr.settings import Settings
from plugin.engine import locate
from plugin.engine.url import UrlEngine
from plugin.errors import EngineError, NodeUnavailable

BANNER = {"version": {"number": "3.6.0", "distribution": "opensearch"}}
LIST = "_cat/plugins?format=json"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        server.files[""] = json.dumps(BANNER).encode()
        server.files[LIST] = b"[]"
        yield server


def plugins(server: FileServer, *names: str) -> None:
    server.files[LIST] = json.dumps([{"component": name} for name in names]).encode()


def test_a_cluster_with_all_plugins_needs_no_note(server: FileServer) -> None:
    plugins(server, "opensearch-knn", "opensearch-neural-search", "opensearch-ml")
    running = UrlEngine(server.url("")).up()
    assert (running.version, running.ml_commons, running.notes) == ("3.6.0", True, ())
    assert not running.started


def test_what_a_cluster_lacks_is_noted(server: FileServer) -> None:
    plugins(server, "opensearch-knn", "opensearch-job-scheduler")
    running = UrlEngine(server.url("")).up()
    assert not running.ml_commons
    assert ["neural search" in note or "ML Commons" in note for note in running.notes] == [
        True,
        True,
    ]


def test_something_that_is_not_opensearch_is_refused(server: FileServer) -> None:
    server.files[""] = b'{"version": {"number": "8.1.0"}}'
    with pytest.raises(EngineError, match="is not OpenSearch"):
        UrlEngine(server.url("")).up()


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_name_the_settings(server: FileServer, status: int) -> None:
    server.status = status
    with pytest.raises(EngineError, match="OPENSEARCH_USER"):
        UrlEngine(server.url("")).up()


def test_a_cluster_that_does_not_answer_is_unavailable() -> None:
    engine = UrlEngine("http://127.0.0.1:9")
    with pytest.raises(NodeUnavailable, match="OPENSEARCH_URL"):
        engine.up()
    assert engine.status() is None


def test_it_is_never_stopped(server: FileServer) -> None:
    assert UrlEngine(server.url("")).down() is False


def test_it_is_located_without_being_asked() -> None:
    settings = replace(
        Settings.from_env({}), engine="url", opensearch_url="http://127.0.0.1:9/", model_server="m"
    )
    found = locate(settings)
    assert found is not None
    assert (found.url, found.model_server) == ("http://127.0.0.1:9", "m")
