"""The sparse strategy on a node: found by meaning, without a model; followed without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from nodes import clean
from small_library import TITLES, Place, ask

from ltrr.settings import Settings
from ltrr.wiring import make_encoder
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.engine import Running
from plugin.errors import NodeUnavailable
from plugin.model import Query
from plugin.sparse import ArtefactStore, Following, SparseLookUp
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return make_encoder(Settings.from_env())


@pytest.fixture(scope="module")
def library(
    node: Running, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """Loaded once; nothing changes it."""
    cluster = Cluster(node.url, "library-of-sparse", timeout_s=60)
    settings = replace(Settings.from_env({}), state=tmp_path_factory.mktemp("state"))
    try:
        place = Place(cluster, settings, encoder)
        place.apply()
        place.load()
        yield place
    finally:
        clean(cluster)
        cluster.close()


@pytest.fixture
def empty(cluster: Cluster, node_settings: Settings, encoder: Encoder) -> Place:
    place = Place(cluster, node_settings, encoder)
    place.apply()
    return place


def looking(place: Place) -> SparseLookUp:
    following = Following(ArtefactStore(place.cluster))
    following.look()
    return SparseLookUp(following.current)


def asked(text: str) -> Query:
    return Query(text, memory_key(text), datetime.now(UTC))


def song(title: str) -> str:
    return f"song-{TITLES.index(title)}"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("rainy", "the raining window"),
        ("puppy", "the old dog"),
        ("money", "gold and cash"),
        ("gloomy", "a melancholy letter"),
        ("automobile", "the fast car"),
        ("physician", "my doctor"),
        ("soccer", "football season"),
    ],
)
def test_it_finds_an_entity_that_has_no_word_of_the_query_and_lexical_does_not(
    library: Place, text: str, title: str
) -> None:
    look_up = looking(library)
    assert song(title) in ask(library.cluster, look_up, text)
    assert song(title) not in ask(library.cluster, look_up, text, "lexical")


def test_the_words_themselves_come_first(library: Place) -> None:
    found = ask(library.cluster, looking(library), "the old dog")
    assert set(found[:2]) == {song("the old dog"), song("the old dog").replace("song", "album")}


def test_filters_hold(library: Place) -> None:
    only = ({"term": {"type": "album"}},)
    found = ask(library.cluster, looking(library), "rainy puppy", filters=only)
    assert found
    assert all(id.startswith("album-") for id in found)


@pytest.mark.parametrize(
    "text", ["a.b.c", "..", '"', "{{x}}", "\u2028x", "🎵 z", "夜に駆ける", "x" * 999]
)
def test_no_text_breaks_it(library: Place, text: str) -> None:
    look_up = looking(library)
    assert isinstance(ask(library.cluster, look_up, f"rain {text}"), list)


def test_a_sidecar_knows_a_new_artefact_without_a_restart(empty: Place) -> None:
    now = [0.0]
    following = Following(ArtefactStore(empty.cluster), in_background=False, clock=lambda: now[0])
    assert following.current() is None
    empty.load()
    assert following.current() is None, "it looks again only after a while"
    now[0] += 60
    current = following.current()
    assert current is not None
    assert current.artefact.version == empty.version()


def test_loading_again_builds_nothing_anew_unless_asked_or_grown_by_half(empty: Place) -> None:
    empty.load()
    first = empty.version()
    few = [{"type": "song", "name": f"another {number}"} for number in range(5)]
    empty.load(*few)
    assert empty.version() == first
    empty.load(*few, rebuild=True)
    second = empty.version()
    assert second != first
    empty.load(*({"type": "song", "name": f"many {number}"} for number in range(200)))
    assert empty.version() not in (first, second)


def test_what_the_index_holds_already_counts_as_catalogue(empty: Place) -> None:
    body = {"type": "song", "name": "zyzzyva"}
    path = f"/{empty.cluster.name('entities')}/_doc/live"
    empty.cluster.request("PUT", path, body, params={"refresh": "true"})
    empty.load()
    artefact = ArtefactStore(empty.cluster).load()
    assert artefact is not None
    assert "zyzzyva" in artefact.terms


@pytest.mark.parametrize(
    "damage",
    [{"blob": "AAAA"}, {"blob": "%"}, {"body": {}}, {"blob": None, "body": None}],
)
def test_a_damaged_artefact_costs_the_strategy_only_and_the_next_load_heals_it(
    empty: Place, damage: dict[str, Any]
) -> None:
    empty.load()
    good = empty.version()
    path = f"/{empty.cluster.name('state')}/_doc/sparse"
    source = empty.cluster.get(path)["_source"]
    empty.cluster.request("PUT", path, {**source, **damage, "version": "another"})
    look_up = looking(empty)
    assert ask(empty.cluster, look_up, "puppy", "lexical")
    assert looking(empty)(asked("puppy")).sparse == {}
    empty.load()
    assert empty.version() == good
    assert looking(empty)(asked("puppy")).sparse


def test_a_good_artefact_stays_in_use_while_the_cluster_is_away(library: Place) -> None:
    class Away(ArtefactStore):
        def version(self) -> str | None:
            if gone:
                raise NodeUnavailable("away")
            return super().version()

    gone: list[bool] = []
    following = Following(Away(library.cluster), interval_s=0, in_background=False)
    known = following.current()
    gone.append(True)
    assert following.current() is known is not None
