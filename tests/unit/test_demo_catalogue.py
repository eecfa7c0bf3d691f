"""The demo's catalogue keeps its promises: enough of everything, closed words, resolved relations,
the hard cases that FORMAT.md lists, and every invented thing labelled as such."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.base import BadLine
from ingest.sources.catalogue import Catalogue

FOLDER = Path(__file__).parents[2] / "examples" / "music"
INVENTED = "Invented for the demo."

Body = dict[str, Any]


@pytest.fixture(scope="module")
def items() -> list[Any]:
    return list(Catalogue(FOLDER).read())


@pytest.fixture(scope="module")
def entities(items: list[Any]) -> dict[str, Body]:
    return {item.id: dict(item.body) for item in items if not isinstance(item, BadLine)}


@pytest.fixture(scope="module")
def layout() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))


def of_type(entities: dict[str, Body], kind: str) -> Iterator[tuple[str, Body]]:
    return ((id_, body) for id_, body in entities.items() if body["type"] == kind)


def makers_of(entities: dict[str, Body], title: str) -> set[str]:
    return {body["by"][0] for _, body in of_type(entities, "song") if body["name"] == title}


def test_every_line_parses(items: list[Any]) -> None:
    assert [item for item in items if isinstance(item, BadLine)] == []


def test_no_two_entities_share_an_id(items: list[Any], entities: dict[str, Body]) -> None:
    assert len(items) == len(entities)
    assert all(id_.isascii() and " " not in id_ for id_ in entities)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("song", 1_000),
        ("artist", 180),
        ("album", 300),
        ("playlist", 30),
        ("station", 20),
        ("podcast", 15),
        ("topic", 15),
    ],
)
def test_there_are_enough_entities_of_every_type(
    entities: dict[str, Body], kind: str, least: int
) -> None:
    assert sum(1 for _ in of_type(entities, kind)) >= least


def test_real_songs_of_real_artists_come_from_many_decades_languages_and_genres(
    entities: dict[str, Body],
) -> None:
    songs = [body for _, body in of_type(entities, "song") if INVENTED not in body.get("text", "")]
    assert len(songs) >= 1_000
    assert len({song["by"][0] for song in songs}) >= 180
    decades = {song["published"][:3] for song in songs if "published" in song}
    assert {"193", "194", "195", "196", "197", "198", "199", "200", "201", "202"} <= decades
    languages = Counter(song.get("language") for song in songs)
    wanted = ("en", "es", "fr", "de", "ja", "ko", "pt", "it", "hi", "ar", "zh", "sv", "ru")
    assert {language: languages[language] for language in wanted if languages[language] < 10} == {}
    genres = Counter(genre for song in songs for genre in song["categories"])
    assert min(genres[genre] for genre in ("pop", "jazz", "classical", "metal", "chanson")) >= 20


def test_every_song_has_a_genre_and_a_mood(
    entities: dict[str, Body], layout: dict[str, Any]
) -> None:
    moods = set(layout["vocabularies"]["moods"])
    for id_, song in of_type(entities, "song"):
        assert song.get("categories"), id_
        assert moods & set(song.get("attributes", ())), id_


def test_the_vocabularies_are_small_closed_and_used(
    entities: dict[str, Body], layout: dict[str, Any]
) -> None:
    words = layout["vocabularies"]
    assert 30 <= len(words["moods"]) <= 40
    used = {word for body in entities.values() for word in body.get("attributes", ())}
    decades = {f"{year}s" for year in (*range(10, 100, 10), *range(1700, 2030, 10))} | {"0s"}
    assert used - decades <= {*words["moods"], *words["countries"]}
    assert set(words["moods"]) <= used
    categories = {word for body in entities.values() for word in body.get("categories", ())}
    assert categories <= {*words["genres"], *words["topics"]}
    assert {*words["genres"], *words["topics"]} - categories == set()


def inverses(layout: dict[str, Any]) -> dict[str, set[str]]:
    """For every relation of the catalogue the names that its other direction may have."""
    pairs = [(files.get("relation"), files.get("inverse")) for files in layout["files"]]
    for kind in layout["kinds"].values():
        pairs += [(c.get("relation"), c.get("inverse")) for c in kind.get("columns", {}).values()]
        pairs.append(("artist", kind.get("head_inverse")))
    known: dict[str, set[str]] = defaultdict(set)
    for there, back in pairs:
        if there and back:
            known[there].add(back)
            known[back].add(there)
    return known


def test_relations_resolve_in_both_directions(
    entities: dict[str, Body], layout: dict[str, Any]
) -> None:
    back = inverses(layout)
    for id_, body in entities.items():
        for relation, others in body.get("related", {}).items():
            for other in others:
                assert other in entities, f"{id_} {relation} {other}"
                theirs = entities[other].get("related", {})
                assert any(id_ in theirs.get(name, ()) for name in back[relation]), (
                    f"{other} does not know that {id_} has it as {relation}"
                )


def test_nothing_stands_alone(entities: dict[str, Body]) -> None:
    assert [id_ for id_, body in entities.items() if not body.get("related")] == []


def test_popularity_is_a_number_from_1_to_100(entities: dict[str, Body]) -> None:
    for id_, body in entities.items():
        assert 1 <= body["popularity"] <= 100, id_


def test_a_year_is_a_year_that_has_been(entities: dict[str, Body]) -> None:
    for id_, body in entities.items():
        if "published" in body:
            assert 1700 <= int(body["published"][:4]) <= 2026, id_


def test_years_before_recording_belong_to_classical_works(entities: dict[str, Body]) -> None:
    for id_, song in of_type(entities, "song"):
        if song.get("published", "2000") < "1900":
            assert "classical" in song["categories"], id_


@pytest.mark.parametrize(
    ("title", "makers"),
    [
        ("Hello", {"Adele", "Lionel Richie", "Evanescence"}),
        ("Halo", {"Beyoncé", "Depeche Mode"}),
        ("Crazy", {"Patsy Cline", "Willie Nelson", "Seal", "Aerosmith", "Gnarls Barkley"}),
        ("Hallelujah", {"Leonard Cohen", "Jeff Buckley", "Alexandra Burke"}),
        ("Stay", {"Rihanna", "Zedd", "Shakespears Sister", "The Kid LAROI"}),
        ("Happy", {"Pharrell Williams", "The Rolling Stones", "Leona Lewis"}),
        ("Love Story", {"Taylor Swift", "Indila"}),
        ("1999", {"Prince", "Charli XCX"}),
        ("22", {"Taylor Swift", "Lily Allen"}),
        ("Yesterday", {"The Beatles"}),
        ("Umbrella", {"Rihanna"}),
    ],
)
def test_the_same_title_by_several_artists_is_several_songs(
    entities: dict[str, Body], title: str, makers: set[str]
) -> None:
    assert makers <= makers_of(entities, title)


@pytest.mark.parametrize(
    "id_",
    [
        "artist-taylor-swift",
        "artist-the-beatles",
        "artist-drake",
        "artist-love",
        "artist-america",
        "artist-chicago",
        "artist-kiss",
        "artist-queen",
        "song-chicago-sufjan-stevens",
        "song-america-simon-garfunkel",
        "song-kiss-prince",
        "song-moves-like-jagger-maroon-5",
        "song-buddy-holly-weezer",
        "song-black-sabbath-black-sabbath",
        "album-black-sabbath-black-sabbath",
        "album-1989-taylor-swift",
        "song-sukiyaki-kyu-sakamoto",
        "song-gangnam-style-psy",
        "song-gruppa-krovi-kino",
        "song-enta-omri-umm-kulthum",
        "song-tum-hi-ho-arijit-singh",
        "song-qing-tian-jay-chou",
    ],
)
def test_the_hard_case_is_there(entities: dict[str, Body], id_: str) -> None:
    assert id_ in entities


def test_names_in_other_scripts_carry_a_romanised_alias(entities: dict[str, Body]) -> None:
    named = [
        body
        for body in entities.values()
        if body["type"] in ("song", "artist") and not any(map(str.isascii, body["name"]))
    ]
    assert len(named) >= 100
    for body in named:
        assert any(alias[0].isascii() for alias in body["aliases"]), body["name"]


def test_songs_and_albums_are_known_by_the_romanised_names_of_their_artist(
    entities: dict[str, Body],
) -> None:
    song = entities["song-qing-tian-jay-chou"]
    assert "Jay Chou" in song["by_aliases"]
    assert "Jay Chou" not in song["by"]


def test_covers_and_versions_know_their_originals(entities: dict[str, Body]) -> None:
    cover = entities["song-hurt-johnny-cash"]["related"]
    assert cover["original"] == ["song-hurt-nine-inch-nails"]
    assert "song-hurt-johnny-cash" in entities["song-hurt-nine-inch-nails"]["related"]["covers"]
    version = entities["song-love-story-taylor-s-version-taylor-swift"]["related"]
    assert version["version_of"] == ["song-love-story-taylor-swift"]
    assert sum("original" in body["related"] for _, body in of_type(entities, "song")) >= 40


def test_there_is_music_for_a_rainy_sunday_and_for_a_spanish_summer(
    entities: dict[str, Body],
) -> None:
    songs = [body for _, body in of_type(entities, "song")]
    assert sum({"rainy day", "sunday"} <= set(song["attributes"]) for song in songs) >= 10
    summer = [s for s in songs if s.get("language") == "es" and "summer" in s["attributes"]]
    assert len(summer) >= 25
    lists = [body for _, body in of_type(entities, "playlist")]
    assert any("Canción del verano" in body.get("aliases", ()) for body in lists)
    assert any("Rainy Sunday" in body["name"] for body in lists)


def test_nobody_called_drake_type_beats_is_there(entities: dict[str, Body]) -> None:
    assert not any("type beat" in body["name"].casefold() for body in entities.values())


@pytest.mark.parametrize("kind", ["playlist", "station", "podcast"])
def test_what_is_invented_says_so(entities: dict[str, Body], kind: str) -> None:
    for id_, body in of_type(entities, kind):
        assert INVENTED in body.get("text", ""), id_


def test_invented_artists_and_their_songs_and_albums_say_so(entities: dict[str, Body]) -> None:
    invented = [id_ for id_, body in of_type(entities, "artist") if "Demo Artist" in body["name"]]
    assert len(invented) >= 5
    for id_ in invented:
        related = entities[id_]["related"]
        for one in (id_, *related["songs"], *related.get("albums", ())):
            assert INVENTED in entities[one].get("text", ""), one
    for _, body in of_type(entities, "song"):
        if body.get("published") == "2026":
            assert INVENTED in body["text"]
            assert body["popularity"] <= 2


def test_files_that_hold_invented_things_begin_by_saying_so() -> None:
    named = ("stations.txt", "podcasts.txt", "songs/new-releases.txt")
    for path in (*(FOLDER / name for name in named), *(FOLDER / "playlists").glob("*.txt")):
        assert path.read_text(encoding="utf-8").startswith("// INVENTED"), path.name
    assert "every popularity" in (FOLDER / "FORMAT.md").read_text(encoding="utf-8")


def test_the_files_stay_readable() -> None:
    for path in FOLDER.rglob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) < 300, path.name
        assert not any(line != line.strip() or "\t" in line for line in lines), path.name
