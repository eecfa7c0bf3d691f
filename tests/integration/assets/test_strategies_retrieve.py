"""What each strategy is for, on a handful of entities."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodes import clean

from plugin.assets import AssetValues
from plugin.assets.planning import apply, plan
from plugin.assets.validate import validate
from plugin.cluster import Cluster
from plugin.strategies import load_strategies
from plugin.understanding import memory_key

pytestmark = pytest.mark.integration

SONGS: dict[str, dict[str, Any]] = {
    "love-story": {"name": "Love Story", "by": ["Taylor Swift"], "part_of": "Fearless"},
    "lover": {"name": "Lover", "by": ["Taylor Swift"], "popularity": 80},
    "yellow": {"name": "Yellow", "by": ["Coldplay"], "popularity": 90},
    "submarine": {"name": "Yellow Submarine", "by": ["The Beatles"], "popularity": 40},
    "hello-1": {"name": "Hello", "by": ["Adele"], "popularity": 95},
    "hello-2": {"name": "Hello", "by": ["Lionel Richie"], "popularity": 5},
    "dont": {"name": "Don't Stop Me Now", "by": ["Queen"], "categories": ["rock"]},
    "bouquet": {"name": "愛をこめて花束を", "by": ["Superfly"], "aliases": ["Ai o Komete"]},
    "senorita": {"name": "Señorita", "by": ["Shawn Mendes"]},
}


@pytest.fixture(scope="module")
def songs(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Path]]:
    """One set of songs for the module; nothing here writes after it."""
    assets = Path(__file__).parents[3] / "opensearch"
    folder = Path(shutil.copytree(assets, tmp_path_factory.mktemp("assets") / "opensearch"))
    cluster = Cluster(node.url, "songs-of-strategies", timeout_s=60)
    try:
        apply(folder, cluster, AssetValues(cluster.namespace, "", 3, enrichment="client"))
        fill(cluster)
        yield cluster, folder
    finally:
        clean(cluster)
        cluster.close()


def copy_strategy(folder: Path, name: str, to: str, description: str) -> None:
    target = folder / "strategies" / to
    shutil.copytree(folder / "strategies" / name, target)
    lines = (target / "strategy.toml").read_text().splitlines()
    (target / "strategy.toml").write_text(
        "\n".join(f'description = "{description}"' if "desc" in line else line for line in lines)
    )


def fill(cluster: Cluster) -> None:
    lines: list[Any] = []
    for position, (name, song) in enumerate(SONGS.items()):
        lines.append({"index": {"_index": cluster.name("entities"), "_id": name}})
        vector = [1.0, float(position), 0.0]
        q2e = {memory_key(song["name"]): 0.25}
        lines.append({"type": "song", "vector": vector, "q2e": q2e, "enrichment": "done"} | song)
    lines.append({"index": {"_index": cluster.name("entities"), "_id": "swift"}})
    lines.append({"type": "artist", "name": "Taylor Swift", "popularity": 99, "vector": [1, 0, 0]})
    key = memory_key("hello")
    lines.append({"index": {"_index": cluster.name("memory"), "_id": key}})
    references = [{"id": "hello-2", "score": 0.5}]
    lines.append({"memory_key": key, "references": references, "observed": 4.0})
    assert not cluster.lines("POST", "/_bulk", lines, params={"refresh": "true"})["errors"]


def ask(cluster: Cluster, strategy: str, filters: list[Any] | None = None, **given: Any) -> Any:
    meant = {"rewritten": given["text"]} if "text" in given else {}
    params = {"size": 10, "filters": filters or [], **meant, **given}
    body = {"id": cluster.name(strategy), "params": params}
    indexes = ["entities", "memory"] if strategy == "memory" else ["entities"]
    names = ",".join(map(cluster.name, indexes))
    return cluster.request("POST", f"/{names}/_search/template", body)["hits"]["hits"]


def found(songs: tuple[Cluster, Path], strategy: str, text: str, **given: Any) -> list[str]:
    return [hit["_id"] for hit in ask(songs[0], strategy, text=text, **given)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("love story taylor swift", "love-story"),
        ("taylor swift fearless love story", "love-story"),
        ("Taylor Swift’s Love Story", "love-story"),
        ("the beatles yellow submarine", "submarine"),
        ("yellow", "yellow"),
        ("dont stop", "dont"),
        ("don’t stop", "dont"),
        ("senorita", "senorita"),
        ("SEÑORITA", "senorita"),
        ("花束", "bouquet"),
        ("rock queen", "dont"),
    ],
)
def test_lexical_brings_name_and_maker_however_they_are_mixed(
    songs: tuple[Cluster, Path], text: str, first: str
) -> None:
    assert found(songs, "lexical", text)[0] == first


def test_popular_puts_the_most_popular_of_equal_matches_first(
    songs: tuple[Cluster, Path],
) -> None:
    assert found(songs, "popular", "hello") == ["hello-1", "hello-2"]
    assert found(songs, "popular", "taylor swift")[0] == "swift"


def test_popular_does_not_bring_what_does_not_match(songs: tuple[Cluster, Path]) -> None:
    assert found(songs, "popular", "submarine") == ["submarine"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tayler love", "love-story"),
        ("beatels yelow submarin", "submarine"),
        ("lionel rich", "hello-2"),
        ("yelow", "yellow"),
        ("taylr swft lov stroy", "love-story"),
    ],
)
def test_fuzzy_tolerates_typing_errors_and_an_unfinished_word(
    songs: tuple[Cluster, Path], text: str, wanted: str
) -> None:
    assert wanted in found(songs, "fuzzy", text)[:2]


def test_dense_brings_the_nearest_that_pass_the_filters(songs: tuple[Cluster, Path]) -> None:
    cluster, _ = songs
    near = ask(cluster, "dense", vector=[1.0, 0.1, 0.0], size=3)
    assert {hit["_id"] for hit in near} == {"love-story", "swift", "lover"}
    artists = ask(cluster, "dense", [{"term": {"type": "artist"}}], vector=[0.0, 1.0, 0.0], size=3)
    assert [hit["_id"] for hit in artists] == ["swift"]


def test_memory_brings_predicted_entities_and_observed_references(
    songs: tuple[Cluster, Path],
) -> None:
    hits = ask(songs[0], "memory", memory_key=memory_key("hello"))
    scores = {hit["_id"]: hit["_score"] for hit in hits}
    key = memory_key("hello")
    assert scores == {key: 1.0, "hello-1": 0.25, "hello-2": 0.25}
    observed = next(hit for hit in hits if hit["_id"] == key)
    assert observed["_source"] == {"references": [{"id": "hello-2", "score": 0.5}]}
    assert all(not hit["_source"] for hit in hits if hit["_id"] != key)


def test_memory_of_a_query_that_nobody_knows_is_empty(songs: tuple[Cluster, Path]) -> None:
    assert ask(songs[0], "memory", memory_key=memory_key("never asked")) == []


@pytest.mark.parametrize("strategy", ["lexical", "popular", "fuzzy"])
def test_filters_hold_inside_every_strategy(songs: tuple[Cluster, Path], strategy: str) -> None:
    only = [{"term": {"type": "artist"}}]
    assert found(songs, strategy, "taylor swift", filters=only) == ["swift"]


@pytest.mark.parametrize(
    "text", ['"', "\\", "title:(", " | a:1 \n", "{{#toJson}}x{{/toJson}}", "😀", "*", "\u2028", "-"]
)
@pytest.mark.parametrize("strategy", ["lexical", "popular", "fuzzy"])
def test_no_text_breaks_a_strategy(songs: tuple[Cluster, Path], strategy: str, text: str) -> None:
    assert isinstance(found(songs, strategy, text), list)


def test_a_copied_folder_is_one_more_strategy_without_any_code(
    songs: tuple[Cluster, Path],
) -> None:
    cluster, folder = songs
    values = AssetValues(cluster.namespace, "", 3, enrichment="client")
    copy_strategy(folder, "fuzzy", "sixth", "One more.")
    assert "sixth" in {strategy.name for strategy in load_strategies(folder)}
    assert validate(folder, values).cases["sixth"]
    (change,) = plan(folder, cluster, values).changes
    assert change.line() == f"+ template {cluster.name('sixth')}: not there yet"
    apply(folder, cluster, values)
    lines = [
        {"index": cluster.name("entities")},
        {"id": cluster.name("sixth"), "params": {"text": "yelow", "size": 1, "filters": []}},
    ]
    (answer,) = cluster.lines("POST", "/_msearch/template", lines)["responses"]
    assert answer["hits"]["hits"][0]["_id"] == "yellow"
