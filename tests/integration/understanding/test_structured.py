"""What `structured` makes of readings, where `lexical` has only words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from named_entities import NamedEntities
from nodes import clean

from plugin.cluster import Cluster
from plugin.model import Query
from plugin.understanding.following import VocabularyFollower

pytestmark = pytest.mark.integration

SONGS = {"term": {"type": "song"}}


class Asking:
    """Asks both strategies the same."""

    def __init__(self, world: NamedEntities, follower: VocabularyFollower) -> None:
        self._world = world
        self._follower = follower

    def read(self, text: str, *filters: Any) -> Query:
        return self._world.query(text, self._follower, *filters)

    def structured(self, text: str, *filters: Any) -> list[str]:
        return self._world.ask("structured", self.read(text, *filters))

    def lexical(self, text: str) -> list[str]:
        return self._world.ask("lexical", self.read(text))


@pytest.fixture(scope="module")
def asking(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    cluster = Cluster(node.url, "tstructured", timeout_s=60)
    try:
        clean(cluster)
        world = NamedEntities(cluster, tmp_path_factory.mktemp("named"))
        world.fill()
        follower = world.follower()
        follower.look()
        yield Asking(world, follower)
    finally:
        clean(cluster)
        cluster.close()


def test_a_misspelt_maker_finds_the_songs_with_the_other_word_first(asking: Asking) -> None:
    found = asking.structured("tayler love", SONGS)
    assert set(found[:2]) == {"love-story", "crazier"}
    assert {"love-story", "crazier", "willow", "lover"} <= set(found)
    lexical = asking.lexical("tayler love")
    assert lexical[0] not in ("love-story", "crazier")
    assert not {"willow", "lover"} & set(lexical)


def test_a_name_with_an_error_in_every_word_is_found(asking: Asking) -> None:
    assert asking.structured("beatels yelow submarin")[0] == "submarine"
    assert "submarine" not in asking.lexical("beatels yelow submarin")


def test_words_for_new_bring_the_newest_of_a_kind_first(asking: Asking) -> None:
    found = asking.structured("new pop")
    assert found[:2] == ["pop-now", "pop-then"]


def test_words_for_popular_bring_the_popular_first(asking: Asking) -> None:
    assert asking.structured("best songs")[0] == "love-story"


def test_a_type_and_a_value_together_beat_each_alone(asking: Asking) -> None:
    found = asking.structured("podcast about true crime")
    assert found[:2] == ["case", "history"]


def test_words_of_another_language_stand_for_values(asking: Asking) -> None:
    assert asking.structured("canción del verano")[0] == "summer"
    assert "summer" not in asking.lexical("canción del verano")


def test_where_there_is_no_such_thing_its_maker_is_the_next_best(asking: Asking) -> None:
    assert set(asking.structured("drake type beats")[:3]) == {"drake", "plan", "beats"}


def test_a_wrong_reading_leaves_the_words_to_be_found(asking: Asking) -> None:
    """ "true crime" is a category; somebody may still mean the record."""
    assert "crime-song" in asking.structured("crime of the century")[:1]
    assert "true-love" in asking.structured("true love")[:2]


def test_filters_hold(asking: Asking) -> None:
    found = asking.structured("taylor swift", {"term": {"type": "artist"}})
    assert found == ["taylor"]


def test_without_readings_it_is_not_asked(asking: Asking) -> None:
    assert asking.read("xylophone").slots == ()
    assert asking.structured("xylophone") == []
    assert asking.structured("the") == []
