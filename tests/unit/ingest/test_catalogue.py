"""The catalogue reader, on a catalogue of bicycles: nothing in it knows any domain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.catalogue.lines import decade
from ingest.catalogue.slugs import slug
from ingest.sources.base import BadLine, Document
from ingest.sources.catalogue import Catalogue
from plugin.errors import IngestError

LAYOUT = """
name = "bicycles"

[vocabularies]
uses = ["city", "touring"]

[[files]]
paths = ["bikes/*.txt"]
line = "bike"
head = "maker"
head_fills = "by"
head_aliases = "by_aliases"
inherits = ["uses"]
relation = "maker"
inverse = "bikes"

[[files]]
paths = ["lists.txt"]
head = "list"
line_refers = "bike"
relation = "bikes"
inverse = "lists"

[kinds.maker]
positions = ["name"]
id = ["name"]
popularity_of = "bikes"
[kinds.maker.columns]
name = { field = "name" }
aka = { field = "aliases", list = ";" }
uses = { field = "categories", list = ",", vocabulary = "uses" }

[kinds.bike]
positions = ["name", "year", "series", "sold"]
id = ["name", "by"]
[kinds.bike.columns]
name = { field = "name" }
year = { field = "published", decade = "attributes" }
series = { field = "part_of", makes = "series", relation = "series", inverse = "bikes" }
sold = { field = "popularity" }
tyres = { field = "fits", list = "," }
aka = { field = "aliases", list = ";" }
uses = { field = "categories", list = ",", vocabulary = "uses" }
like = { refers = "bike", relation = "like", inverse = "liked" }
text = { field = "text" }
label = { field = "text" }

[kinds.bike.columns.with]
field = "by"
list = ";"
refers = "maker"
relation = "maker"
inverse = "bikes"
loose = true

[kinds.series]
id = ["name", "by"]
copies = ["uses"]
copies_head = true
head_inverse = "series"
popularity_of = "bikes"

[kinds.list]
positions = ["name"]
id = ["name"]
note = "Made up."
[kinds.list.columns]
name = { field = "name" }
text = { field = "text" }
"""

BIKES = """
// makers and their bikes
# Gazelle | uses: city
Roadster | 1994 | Classic | 40
Tour | 2012 | Classic | 60 | uses: touring, city | with: Sparta; Somebody | label: Old | text: Fine
# Sparta | aka: SP; Spartan
Roadster |  |  | 5 | like: Roadster — Gazelle
Amp: with a colon
"""

LISTS = """
# Sunday | text: For slow days.
Roadster — Gazelle
Tour
"""


def read(
    folder: Path, bikes: str = BIKES, lists: str = LISTS, layout: str = LAYOUT
) -> tuple[dict[str, dict[str, Any]], list[BadLine]]:
    (folder / "bikes").mkdir(exist_ok=True)
    (folder / "catalogue.toml").write_text(layout)
    (folder / "bikes" / "a.txt").write_text(bikes)
    (folder / "lists.txt").write_text(lists)
    items = list(Catalogue(folder).read())
    bad = [item for item in items if isinstance(item, BadLine)]
    return {item.id: dict(item.body) for item in items if isinstance(item, Document)}, bad


def test_lines_become_entities_with_readable_ids(tmp_path: Path) -> None:
    entities, bad = read(tmp_path)
    assert not bad
    assert list(entities) == [
        "maker-gazelle",
        "bike-roadster-gazelle",
        "series-classic-gazelle",
        "bike-tour-gazelle",
        "maker-sparta",
        "bike-roadster-sparta",
        "bike-amp-with-a-colon-sparta",
        "list-sunday",
    ]


def test_a_line_holds_its_columns_its_heads_name_and_its_relations(tmp_path: Path) -> None:
    entities, _ = read(tmp_path)
    assert entities["bike-tour-gazelle"] == {
        "type": "bike",
        "name": "Tour",
        "by": ["Gazelle", "Sparta", "Somebody"],
        "part_of": ["Classic"],
        "categories": ["touring", "city"],
        "attributes": ["2010s"],
        "text": "Fine Old",
        "published": "2012",
        "popularity": 60,
        "related": {
            "series": ["series-classic-gazelle"],
            "maker": ["maker-gazelle", "maker-sparta"],
            "lists": ["list-sunday"],
        },
    }


def test_a_line_and_what_it_makes_are_known_by_their_heads_other_names(tmp_path: Path) -> None:
    bikes = "# Sparta | aka: SP; Spartan\nAmp | 2020 | City\n"
    entities, bad = read(tmp_path, bikes=bikes, lists="# Sunday\n")
    assert not bad
    assert entities["bike-amp-sparta"]["by_aliases"] == ["SP", "Spartan"]
    assert entities["series-city-sparta"]["by_aliases"] == ["SP", "Spartan"]
    assert entities["bike-amp-sparta"]["by"] == ["Sparta"]
    assert "by_aliases" not in entities["maker-sparta"]


def test_a_field_whose_column_has_a_list_holds_several_values(tmp_path: Path) -> None:
    bikes = "# Sparta\nAmp | tyres: 26 inch, 28 inch\n"
    entities, bad = read(tmp_path, bikes=bikes, lists="# Sunday\n")
    assert not bad
    assert entities["bike-amp-sparta"]["fits"] == ["26 inch", "28 inch"]


def test_a_head_knows_its_lines_and_takes_their_highest_popularity(tmp_path: Path) -> None:
    entities, _ = read(tmp_path)
    assert entities["maker-gazelle"] == {
        "type": "maker",
        "name": "Gazelle",
        "categories": ["city"],
        "popularity": 60,
        "related": {
            "bikes": ["bike-roadster-gazelle", "bike-tour-gazelle"],
            "series": ["series-classic-gazelle"],
        },
    }


def test_a_made_entity_copies_from_the_lines_that_made_it(tmp_path: Path) -> None:
    entities, _ = read(tmp_path)
    assert entities["series-classic-gazelle"] == {
        "type": "series",
        "name": "Classic",
        "by": ["Gazelle"],
        "categories": ["city", "touring"],
        "popularity": 60,
        "related": {
            "maker": ["maker-gazelle"],
            "bikes": ["bike-roadster-gazelle", "bike-tour-gazelle"],
        },
    }


def test_what_a_line_lacks_comes_from_its_head(tmp_path: Path) -> None:
    entities, _ = read(tmp_path)
    assert entities["bike-roadster-gazelle"]["categories"] == ["city"]
    assert "categories" not in entities["bike-roadster-sparta"]


def test_references_go_both_ways_and_the_maker_tells_equal_names_apart(tmp_path: Path) -> None:
    entities, _ = read(tmp_path)
    assert entities["bike-roadster-sparta"]["related"]["like"] == ["bike-roadster-gazelle"]
    assert entities["bike-roadster-gazelle"]["related"]["liked"] == ["bike-roadster-sparta"]
    assert entities["list-sunday"] == {
        "type": "list",
        "name": "Sunday",
        "text": "For slow days. Made up.",
        "popularity": 1,
        "related": {"bikes": ["bike-roadster-gazelle", "bike-tour-gazelle"]},
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("New | 2012 | | 5 | uses: flying", "'flying' is not in the vocabulary uses"),
        ("New | | | none", "'none' is not a number above 0"),
        ("New | | | -1", "is not a number above 0"),
        ("New | | | nan", "is not a number above 0"),
        ("New | long ago", "must be a year or a date"),
        ("New | 2012-13-01", "must be a year or a date"),
        ("New | | | 5 | more", "'more' has no column"),
        ("New | | | 5 | uses: city | 2012", "'2012' has no column"),
        ("New | 2012 | year: 2013", "the column year is there twice"),
        ("| 2012", "the name is missing"),
        ("New | like: Nothing", "no bike is called 'Nothing'"),
        ("New | like: Roadster", "several: write one of Roadster — Gazelle; Roadster — Sparta"),
        ("Roadster", "already that of bikes/a.txt:6"),
        ("上を向いて", "give it a first alias"),
        ("上を向いて | aka: 坂本", "give it a first alias"),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(tmp_path: Path, line: str, reason: str) -> None:
    _, bad = read(tmp_path, bikes=BIKES.strip("\n") + "\n\n" + line + "\n")
    assert [one.place for one in bad] == ["bikes/a.txt:9"]
    assert reason in bad[0].reason


def test_a_list_line_that_names_nothing_is_bad_and_the_list_is_kept(tmp_path: Path) -> None:
    entities, bad = read(tmp_path, lists="# Sunday\nTour\nNothing\n")
    assert bad == [
        BadLine("lists.txt:3", "no bike is called 'Nothing': correct it, or add the bike")
    ]
    assert entities["list-sunday"]["related"] == {"bikes": ["bike-tour-gazelle"]}


def test_a_line_without_a_head_is_bad(tmp_path: Path) -> None:
    _, bad = read(tmp_path, lists="Tour\n")
    assert [one.place for one in bad] == ["lists.txt:1"]
    assert "begin with '# Name'" in bad[0].reason


def test_a_name_in_another_script_takes_its_first_alias_for_the_id(tmp_path: Path) -> None:
    bikes = "# 坂本 九 | aka: Kyu Sakamoto\n上を向いて | aka: Sukiyaki; Ue o\nCafé Ærø | 2012\n"
    entities, bad = read(tmp_path, bikes=bikes, lists="# Sunday\n")
    assert not bad
    assert list(entities)[:3] == [
        "maker-kyu-sakamoto",
        "bike-sukiyaki-kyu-sakamoto",
        "bike-cafe-aero-kyu-sakamoto",
    ]
    assert entities["bike-sukiyaki-kyu-sakamoto"]["by"] == ["坂本 九"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("[[files]]", "[[file]]"), "unknown key 'file'"),
        (('line = "bike"', 'line = "car"'), "names the kind 'car'"),
        (('line = "bike"', ""), "needs either line or line_refers"),
        (('head = "list"', ""), "needs a head"),
        (('id = ["name"]', ""), "kinds.maker needs id"),
        (('{ refers = "bike"', '{ refers = "car"'), "kinds.bike.columns.like names the kind 'car'"),
        (('vocabulary = "uses"', 'vocabulary = "x"'), "names the vocabulary 'x'"),
        (("loose = true", 'loose = "yes"'), "loose must be true or false"),
        (('note = "Made up."', "note = 1"), "kinds.list.note must be a text"),
        (('paths = ["lists.txt"]', 'paths = "lists.txt"'), "must be a list of texts"),
        (('positions = ["name"]', 'positions = ["title"]'), "positions names 'title'"),
        (("aka = { field", "aka = { filed"), "unknown key 'filed'"),
        (("[vocabularies]", "[vocabularies"), "not TOML"),
        (('paths = ["lists.txt"]', 'paths = ["none.txt"]'), "matches 'none.txt'"),
    ],
)
def test_a_wrong_layout_is_refused_naming_the_place(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    assert change[0] in LAYOUT
    with pytest.raises(IngestError) as caught:
        read(tmp_path, layout=LAYOUT.replace(*change, 1))
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Beyoncé & JAY-Z", "beyonce-jay-z"),
        ("Sigur Rós: (  ) Straße", "sigur-ros-strasse"),
        ("Łódź ırmak Đà Øl", "lodz-irmak-da-ol"),
        ("99", "99"),
        ("夜に駆ける", None),
        ("Кино", None),
        ("÷", None),
        ("", None),
    ],
)
def test_slugs_are_ascii_or_none(name: str, expected: str | None) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("1808", "1800s"),
        ("1905", "1900s"),
        ("1910", "10s"),
        ("1994", "90s"),
        ("2008-11-11", "2000s"),
        ("2014", "2010s"),
    ],
)
def test_decades(date: str, expected: str) -> None:
    assert decade(date) == expected
