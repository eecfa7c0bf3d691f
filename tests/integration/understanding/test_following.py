"""The vocabulary follows the index, one process of a host builds it, and damage costs only time."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from named_entities import NamedEntities

from plugin.cluster import Cluster
from plugin.errors import MissingIndex
from plugin.understanding import source
from plugin.understanding.following import VocabularyFollower

pytestmark = pytest.mark.integration


@pytest.fixture
def world(cluster: Cluster, tmp_path: Path) -> NamedEntities:
    made = NamedEntities(cluster, tmp_path)
    made.fill()
    return made


def entities_in(follower: VocabularyFollower, text: str) -> list[str | None]:
    return [slot.entity for slot in follower.reader.read(text).slots if slot.role == "name"]


def test_a_new_entity_is_read_without_a_restart_and_a_deleted_one_is_not(
    world: NamedEntities, cluster: Cluster
) -> None:
    follower = world.follower()
    assert follower.reader.read("quelle nuit blanche").slots == ()
    assert follower.look()
    assert entities_in(follower, "quelle nuit blanche") == []
    assert not follower.look()
    # Written, and not even refreshed: it is seen at the next look all the same.
    world.put({"nuit": {"name": "Quelle nuit blanche"}}, refresh=False)
    assert follower.look()
    assert entities_in(follower, "quelle nuit blanche") == ["nuit"]
    cluster.request("DELETE", f"/{cluster.name('entities')}/_doc/nuit")
    assert follower.look()
    assert entities_in(follower, "quelle nuit blanche") == []
    assert not follower.look()


def test_all_entities_are_read_page_by_page(
    world: NamedEntities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_PAGE", 3)
    follower = world.follower()
    follower.look()
    vocabulary = follower.current()
    assert vocabulary is not None
    assert vocabulary.entities == 20
    assert {"beatles"} <= set(entities_in(follower, "the beatles"))


def test_another_process_maps_what_the_first_one_built(world: NamedEntities) -> None:
    first, second = world.follower(), world.follower()
    assert first.look()
    assert second.look()
    (file,) = world.folder.glob("*.bin")
    built = file.stat().st_ino
    assert not second.look()
    assert file.stat().st_ino == built
    world.put({"nuit": {"name": "Quelle nuit blanche"}})
    assert second.look()
    assert first.look()
    assert entities_in(first, "quelle nuit blanche") == ["nuit"]


def test_whoever_finds_somebody_building_waits_for_the_next_look(world: NamedEntities) -> None:
    follower = world.follower()
    lock = FileLock(world.folder / f"vocabulary-{world.cluster.namespace}.lock")
    with lock:
        assert not follower.look()
        assert follower.current() is None
    assert follower.look()


def test_a_damaged_file_is_built_anew(world: NamedEntities) -> None:
    world.follower().look()
    (file,) = world.folder.glob("*.bin")
    file.write_bytes(file.read_bytes()[:-50])
    follower = world.follower()
    assert follower.reader.read("the beatles").slots == ()
    assert follower.look()
    assert "beatles" in entities_in(follower, "the beatles")


def test_after_a_long_build_it_rests(cluster: Cluster, tmp_path: Path) -> None:
    world = NamedEntities(cluster, tmp_path)
    world.fill()
    ticking = iter([0.0, 0.0, 10.0, 11.0, 300.0, 300.0, 301.0])
    quick = world.follower()
    follower = VocabularyFollower(
        cluster, quick._schema, quick._wording, tmp_path, clock=lambda: next(ticking)
    )
    assert follower.look()  # from 0 to 10: it rests until 210
    world.put({"nuit": {"name": "Quelle nuit blanche"}})
    assert not follower.look()
    assert follower.look()
    assert entities_in(follower, "quelle nuit blanche") == ["nuit"]


def test_without_entities_what_was_read_goes_on_to_be_used(
    world: NamedEntities, cluster: Cluster
) -> None:
    follower = world.follower()
    follower.look()
    cluster.request("DELETE", f"/{world.index(1)}")
    with pytest.raises(MissingIndex):
        follower.look()
    assert "beatles" in entities_in(follower, "the beatles")


def test_an_alias_that_moves_to_another_index_is_followed(
    world: NamedEntities, cluster: Cluster
) -> None:
    follower = world.follower()
    follower.look()
    cluster.request("DELETE", f"/{world.index(1)}/_alias/{cluster.name('entities')}")
    world.make_index(2)
    world.put({"only": {"name": "Only One"}})
    assert follower.look()
    assert entities_in(follower, "only one") == ["only"]
    assert entities_in(follower, "the beatles") == []


def test_the_thread_follows_and_ends(world: NamedEntities) -> None:
    follower = world.follower()
    follower.look()
    follower.start()
    follower.stop()
    assert follower.current() is not None
