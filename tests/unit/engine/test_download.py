from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from file_server import FileServer, serving
from nodes import QuietReporter

from plugin.engine.artifacts import Artifact, opensearch
from plugin.engine.download import fetch, is_fetched, maven_address
from plugin.errors import EngineError

CONTENT = bytes(range(256)) * 20_000  # 5 MB: several chunks
ARCHIVE = Artifact("g", "thing", "1", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        server.files[ARCHIVE.file_name] = CONTENT
        yield server


def get(server: FileServer, folder: Path, artifact: Artifact = ARCHIVE) -> Path:
    def address(one: Artifact) -> str:
        return server.url(one.file_name)

    return fetch(artifact, folder, address, QuietReporter(), pause_s=0.0)


def test_an_archive_arrives_whole_and_readable_for_the_nodes_user(
    server: FileServer, tmp_path: Path
) -> None:
    path = get(server, tmp_path)
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o044 == 0o044
    assert is_fetched(ARCHIVE, tmp_path)


def test_what_is_there_is_not_downloaded_again(server: FileServer, tmp_path: Path) -> None:
    get(server, tmp_path)
    get(server, tmp_path)
    assert len(server.asked) == 1


def test_an_interrupted_download_goes_on_where_it_stopped(
    server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "thing-1.zip.part").write_bytes(CONTENT[:3_000_001])
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=3000001-"]


def test_a_broken_connection_is_gone_on_with_in_the_same_call(
    server: FileServer, tmp_path: Path
) -> None:
    server.break_after, server.breaks = 2_000_000, 2
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 3
    assert server.asked[0] == "bytes=0-"
    assert server.asked[2] != "bytes=0-"


def test_a_server_that_ignores_ranges_is_no_problem(server: FileServer, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "thing-1.zip.part").write_bytes(CONTENT[:3_000_000])
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_what_is_not_the_pinned_archive_is_refused_and_removed(
    server: FileServer, tmp_path: Path
) -> None:
    server.files[ARCHIVE.file_name] = b"x" + CONTENT[1:]
    with pytest.raises(EngineError, match=r"thing-1\.zip is not what it should be"):
        get(server, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_too_much_is_refused_too(server: FileServer, tmp_path: Path) -> None:
    server.files[ARCHIVE.file_name] = CONTENT * 3
    with pytest.raises(EngineError, match="not what it should be"):
        get(server, tmp_path)


def test_a_part_of_something_else_is_thrown_away_and_fetched_anew(
    server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "thing-1.zip.part").write_bytes(b"x" * 1_000_000)
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000000-", "bytes=0-"]


def test_a_missing_archive_is_an_error_at_once(server: FileServer, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(EngineError, match="cannot be downloaded: 404"):
        get(server, tmp_path)
    assert len(server.asked) == 1


def test_a_server_in_trouble_is_tried_again(server: FileServer, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(EngineError, match="the same command goes on from there"):
        get(server, tmp_path)
    assert len(server.asked) == 5


def test_two_at_once_download_once(server: FileServer, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: get(server, tmp_path), range(2)))
    assert paths[0] == paths[1]
    assert len(server.asked) == 1


def test_the_address_is_that_of_the_public_repository_as_jgo_knows_it() -> None:
    artifact = replace(opensearch().distribution)
    address = maven_address(artifact)
    assert address.startswith("https://")
    assert address.endswith(
        "/org/opensearch/distribution/integ-test-zip/opensearch/3.6.0/opensearch-3.6.0.zip"
    )
