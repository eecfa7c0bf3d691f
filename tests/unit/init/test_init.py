"""`ltrr init`: what it guesses of a table, and the folder that it writes."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.columns import load_columns
from ingest.sources.values import Kind
from ltrr.commands.init import namespace_of, singular
from ltrr.init.guessing import Guess, NoName, Use, guess
from ltrr.init.profiles import Profile, profiles
from ltrr.init.writing import check_place, columns_toml, without_rules, without_words, write_assets
from plugin.assets.mapping import load_field_types
from plugin.assets.validate import validate
from plugin.errors import InvalidRequest

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "opensearch"
TAKEN = load_field_types(ASSETS, "entities")


def profiled(**columns: list[Any]) -> dict[str, Profile]:
    names = list(columns)
    records = [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]
    return {one.name: one for one in profiles(records, dict.fromkeys(names, ""))}


def uses(found: Guess) -> dict[str, list[tuple[str, ...]]]:
    by_field: dict[str, list[tuple[str, ...]]] = {}
    for use in found.uses:
        by_field.setdefault(use.field, []).append(use.columns)
    return by_field


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "1,000"], Kind("number")),
        (["1,5", "20,75"], Kind("number", ",")),
        (["yes", "no", "Yes"], Kind("boolean")),
        (["0", "1", "1"], Kind("number")),
        (["1999-01-02", "2001-12"], Kind("date")),
        (["25/12/1999", "01/02/2000"], Kind("date", "%d/%m/%Y")),
        (["12/25/1999", "01/02/2000"], Kind("date", "%m/%d/%Y")),
        (["48.1,11.5", "POINT(13.4 52.5)"], Kind("geo")),
        (["00123", "04567"], Kind("text")),
        (["words", "12"], Kind("text")),
        ([True, False], Kind("boolean")),
        ([1, 2.5], Kind("number")),
    ],
)
def test_the_kind_of_a_column_is_that_of_its_values(values: list[Any], kind: Kind) -> None:
    assert profiled(x=values)["x"].kind == kind


def test_lists_in_cells_are_seen_by_their_separator_and_sentences_are_not() -> None:
    found = profiled(
        tags=["red; round", "red", "blue; round", "blue"],
        comma=["red, round", "red", "blue, round", "blue"],
        prose=["Once, long ago, there was a king.", "He died, and so on.", "End, at last.", "No"],
        lists=[["a", "b"], ["a"], ["b"], ["c"]],
    )
    assert [found[name].separator for name in ("tags", "comma", "prose", "lists")] == [
        ";", ",", "", "",
    ]  # fmt: skip
    assert found["tags"].distinct == 3
    assert found["lists"].several


def test_documents_are_flattened_and_vectors_left_out() -> None:
    records = [{"maker": {"name": "A"}, "parts": [{"n": "x"}, {"n": "y"}], "v": [0.1, 0.2]}]
    types = {
        "maker": "object", "maker.name": "text", "maker.name.keyword": "keyword",
        "parts": "nested", "parts.n": "keyword", "v": "knn_vector",
    }  # fmt: skip
    assert {one.name for one in profiles(records, types)} == {"maker.name", "parts.n"}


def test_every_column_gets_a_part_and_what_is_left_becomes_a_field_of_its_own() -> None:
    rows = 40
    columns: dict[str, list[Any]] = {
        "SKU": [f"A-{n:04d}" for n in range(rows)],
        "Product": [f"Thing number {n}" for n in range(rows)],
        "Brand": [f"Brand {n % 7}" for n in range(rows)],
        "Category": [("tools", "toys")[n % 2] for n in range(rows)],
        "Colour": [("red", "blue", "green")[n % 3] for n in range(rows)],
        "Price (EUR)": [f"{n}.99" for n in range(rows)],
        "In stock": [("yes", "no")[n % 2] for n in range(rows)],
        "Description": [f"A long text about thing {n}, " + "and more " * 15 for n in range(rows)],
        "Released": [f"20{n % 20:02d}-03-01" for n in range(rows)],
        "Units sold": [str(n * 3) for n in range(rows)],
        "lat": [f"48.{n}" for n in range(rows)],
        "lon": [f"11.{n}" for n in range(rows)],
        "Picture": [f"https://example.org/{n}.jpg" for n in range(rows)],
        "Empty": [None] * rows,
        "Always": ["same"] * rows,
        "vector": [str(n) for n in range(rows)],
    }
    found = guess(list(profiled(**columns).values()), TAKEN)
    assert found.id is not None
    assert found.id[0] == "SKU"
    assert uses(found) == {
        "name": [("Product",)],
        "by": [("Brand",)],
        "categories": [("Category",)],
        "text": [("Description",)],
        "published": [("Released",)],
        "popularity": [("Units sold",)],
        "location": [("lat", "lon")],
        "colour": [("Colour",)],
        "attributes": [("Colour",)],
        "price_eur": [("Price (EUR)",)],
        "in_stock": [("In stock",)],
        "picture": [("Picture",)],
        "own_vector": [("vector",)],
    }
    assert found.extra == {
        "location": "geo_point",
        "colour": "keyword",
        "price_eur": "double",
        "in_stock": "boolean",
        "picture": "keyword",
        "own_vector": "long",
    }
    assert sorted(found.facets) == ["colour", "in_stock"]
    assert found.unused == {"Empty": "it is empty", "Always": "it is always 'same'"}
    assert all(use.why for use in found.uses)


def test_without_hints_the_name_is_the_text_that_hardly_stands_twice() -> None:
    found = guess(
        list(profiled(a=["x", "y"] * 6, b=[f"Some words {n}" for n in range(12)]).values()), TAKEN
    )
    assert uses(found)["name"] == [("b",)]
    assert found.id is None
    with pytest.raises(NoName):
        guess(list(profiled(a=["1", "2"]).values()), TAKEN)


def test_the_folder_is_valid_and_its_mapping_reads_back(tmp_path: Path) -> None:
    with (ROOT / "examples/csv/books.csv").open(encoding="utf-8") as stream:
        records = list(csv.DictReader(stream))
    found = guess(profiles(records, dict.fromkeys(records[0], "")), TAKEN)
    folder = tmp_path / "books"
    write_assets(folder, ASSETS, found, "book", "87 rows of books.csv", validate)
    validate(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["books"]
    properties = json.loads((folder / "indexes/entities.json").read_text())["mappings"]
    assert properties["properties"]["original_language"]["type"] == "keyword"
    schema = tomllib.loads((folder / "schema.toml").read_text())
    assert "original_language" in schema["facets"]
    assert "original_language" in schema["display"]
    text = (folder / "columns.toml").read_text()
    assert "# title: named like a name" in text
    columns = load_columns(folder / "columns.toml", load_field_types(folder, "entities"))
    assert columns.body(records[0]) == {
        "type": "book",
        "name": "Pride and Prejudice",
        "by": "Jane Austen",
        "published": "1813",
        "categories": ["romance", "satire"],
        "popularity": 20,
        "original_language": "English",
        "attributes": "English",
    }
    words = tomllib.loads((folder / "understanding.toml").read_text())
    assert "types" not in words
    assert set(words.get("values", {})) <= {"language"}
    assert words["stop_words"]["en"]


def test_a_folder_that_is_not_empty_is_left_alone_and_a_failure_leaves_nothing(
    tmp_path: Path,
) -> None:
    full = tmp_path / "full"
    full.mkdir()
    check_place(full)
    (full / "mine").touch()
    with pytest.raises(InvalidRequest, match="not empty"):
        check_place(full)
    with pytest.raises(InvalidRequest, match="not empty"):
        check_place(full / "mine")

    def refuse(_: Path) -> None:
        raise InvalidRequest("no")

    found = Guess(uses=[Use("name", ("a",), Kind(), "why")])
    with pytest.raises(InvalidRequest, match="no"):
        write_assets(tmp_path / "new", ASSETS, found, "x", "a", refuse)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_names_of_columns_cannot_break_the_mapping_file(tmp_path: Path) -> None:
    nasty = 'a"b\\c\n[fields]\nx = "y"\t\x7f'
    found = Guess(
        id=(nasty, "why"),
        uses=[Use("name", (nasty,), Kind(), "why"), Use("by", ("c", "d"), Kind("geo"), "why")],
        unused={nasty: "empty"},
    )
    path = tmp_path / "columns.toml"
    path.write_text(columns_toml(found, "thing", "x", {"name": "text", "by": "text"}))
    columns = load_columns(path, {})
    assert columns.id == nasty
    assert columns.fields["name"][0].columns == (nasty,)


def test_words_and_synonyms_of_other_data_are_left_out() -> None:
    kept = without_words(
        'recent = ["new"]\n\n[stop_words]\nen = "a"\n\n# About types.\n[types]\nsong = ["tune"]\n'
        '\n[values.attributes]\nx = ["y"]\n\n[values.language]\nen = ["english"]\n'
    )
    assert tomllib.loads(kept) == {
        "recent": ["new"],
        "stop_words": {"en": "a"},
        "values": {"language": {"en": ["english"]}},
    }
    assert "About types" not in kept
    assert without_rules("# one rule a line\n\na, b\n# more\nc, d\n").splitlines() == [
        "# one rule a line", "", "film, movie",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stem", "kind"),
    [
        ("books", "book"), ("library_books-2024", "book"), ("stories", "story"), ("boxes", "box"),
        ("glass", "glass"), ("products_v2", "product"), ("12", "document"), ("data", "data"),
    ],
)  # fmt: skip
def test_an_entity_is_called_after_its_data(stem: str, kind: str) -> None:
    assert singular(stem) == kind
    assert namespace_of(Path("My Books!")) == "my_books"
