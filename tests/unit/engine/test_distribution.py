from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from file_server import FileServer, serving
from nodes import QuietReporter

from plugin.engine.artifacts import Artifact, ArtifactSet
from plugin.engine.distribution import assemble, check_space, is_assembled
from plugin.engine.places import Places
from plugin.errors import EngineError

DESCRIPTOR = "# comment\nversion=1.0\nname=tiny-plugin\n"


def archive(server: FileServer, name: str, files: Mapping[str, str]) -> Artifact:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for path, text in files.items():
            opened.writestr(path, text)
    content = buffer.getvalue()
    artifact = Artifact("g", name, "1", len(content), hashlib.sha256(content).hexdigest())
    server.files[artifact.file_name] = content
    return artifact


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as server:
        yield server


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "cache", state=tmp_path / "state")


def tiny(server: FileServer, **more: str) -> ArtifactSet:
    distribution = archive(
        server, "tiny", {"tiny-1/bin/opensearch": "#!/bin/sh\n", "tiny-1/lib/a.jar": "a"}
    )
    plugin = archive(
        server, "plug", {"plugin-descriptor.properties": DESCRIPTOR, "plug.jar": "p", **more}
    )
    return ArtifactSet(distribution, (plugin,), unpacked=1000)


def put_together(places: Places, artifacts: ArtifactSet, server: FileServer) -> Path:
    places.cache.mkdir(exist_ok=True)
    return assemble(places, artifacts, lambda one: server.url(one.file_name), QuietReporter())


def test_a_plugin_lands_under_the_name_of_its_descriptor(
    server: FileServer, places: Places
) -> None:
    folder = put_together(places, tiny(server), server)
    assert (folder / "lib" / "a.jar").read_text() == "a"
    assert (folder / "plugins" / "tiny-plugin" / "plug.jar").read_text() == "p"


def test_any_user_may_read_and_run_it_whatever_the_umask(
    server: FileServer, places: Places
) -> None:
    before = os.umask(0o077)
    try:
        folder = put_together(places, tiny(server), server)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "bin" / "opensearch").stat().st_mode & 0o777 == 0o755
    assert (folder / "lib" / "a.jar").stat().st_mode & 0o777 == 0o644


def test_sizes_are_told_before_anything_is_downloaded(server: FileServer, places: Places) -> None:
    places.cache.mkdir()
    report = QuietReporter()
    asked_when_told: list[int] = []

    def address(one: Artifact) -> str:
        asked_when_told.append(len(report.said))
        return server.url(one.file_name)

    assemble(places, tiny(server), address, report)
    assert "MB in all" in report.said[0]
    assert [line.split()[0] for line in report.said[1:3]] == ["tiny-1.zip", "plug-1.zip"]
    assert min(asked_when_told) >= 3


def test_it_is_put_together_once_for_two_at_once(server: FileServer, places: Places) -> None:
    artifacts = tiny(server)
    with ThreadPoolExecutor(2) as pool:
        folders = set(pool.map(lambda _: put_together(places, artifacts, server), range(2)))
    assert len(folders) == 1
    assert len(server.asked) == 2
    assert is_assembled(places, artifacts)


def test_what_a_killed_process_left_half_done_is_cleared_away(
    server: FileServer, places: Places
) -> None:
    half = places.distributions / ".new-killed"
    half.mkdir(parents=True)
    put_together(places, tiny(server), server)
    assert not half.exists()


def test_an_archive_that_writes_outside_its_folder_is_refused(
    server: FileServer, places: Places
) -> None:
    artifacts = tiny(server, **{"../../outside": "x"})
    with pytest.raises(EngineError, match="outside its folder"):
        put_together(places, artifacts, server)
    assert not is_assembled(places, artifacts)


def test_a_full_disk_is_told_before_the_download(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"GB are needed.*Set|set LTRR_CACHE"):
        check_space(tmp_path, 10**18)
