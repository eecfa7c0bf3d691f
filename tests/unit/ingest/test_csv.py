"""CSV: what is in a cell becomes a value of the entity, what is wrong is named with its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ingest.sources.base import BadLine, Document
from ingest.sources.opening import open_source
from plugin.assets.schema import Schema
from plugin.errors import IngestError

SCHEMA = Schema(
    type="type",
    name="name",
    text=("name", "by", "text"),
    vector="vector",
    memory="q2e",
    predicted_queries="predicted_queries",
)
TYPES = {
    "type": "keyword",
    "name": "text",
    "name.keyword": "keyword",
    "by": "text",
    "text": "text",
    "categories": "keyword",
    "published": "date",
    "popularity": "rank_feature",
    "price": "float",
    "sold": "boolean",
    "place": "geo_point",
    "vector": "knn_vector",
}


def read(
    tmp_path: Path, content: str | bytes, file: str = "data.csv", **fields: str
) -> list[Document | BadLine]:
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(open_source(path, "auto", SCHEMA, fields, "book", types=TYPES).read())


def bodies(found: list[Document | BadLine]) -> list[dict[str, object]]:
    assert all(isinstance(one, Document) for one in found), found
    return [dict(one.body) for one in found if isinstance(one, Document)]


def reasons(found: list[Document | BadLine]) -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in found if isinstance(one, BadLine)]


def test_columns_named_like_fields_are_taken_and_read_as_the_field_wants(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "ID,Name,popularity,price,sold,published,place,other,vector\n"
        'a1,Emma,0,"1,250.50",yes,1815,"52.5, 13.4",x,1\n'
        "a2,Persuasion,12,3,0,1817-12-20,,y,2\n",
    )
    assert [one.id for one in found] == ["a1", "a2"]
    assert bodies(found) == [
        {
            "type": "book",
            "name": "Emma",
            "price": 1250.5,
            "sold": True,
            "published": "1815",
            "place": {"lat": 52.5, "lon": 13.4},
        },
        {
            "type": "book",
            "name": "Persuasion",
            "popularity": 12,
            "price": 3,
            "sold": False,
            "published": "1817-12-20",
        },
    ]


def test_options_name_columns_and_their_kinds(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "isbn;title;author;genre;cost;when\n"
        "1;Emma;Jane Austen;novel, classic ,novel;3,50;23.12.1815\n",
        id="isbn",
        name="title",
        by="author",
        categories="genre:list(,)",
        price="cost:number(,)",
        published="when",
    )
    assert [one.id for one in found] == ["1"]
    assert bodies(found) == [
        {
            "type": "book",
            "name": "Emma",
            "by": "Jane Austen",
            "categories": ["novel", "classic"],
            "price": 3.5,
            "published": "1815-12-23",
        }
    ]


def test_a_mapping_file_beside_the_data_is_used(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text(
        'id = "nr"\n[fields]\ntype = {value = "museum object"}\nname = "what"\n'
        'categories = ["genre", {column = "tags", kind = "list(|)"}]\n'
        'place = {column = ["lat", "lon"], kind = "geo"}\n'
        'published = {column = "seen", kind = "date(%d/%m/%Y)"}\n'
    )
    found = read(
        tmp_path,
        "nr,what,genre,tags,lat,lon,seen\n7,Vase,clay,red|clay,48.1,11.5,02/01/1999\n8,Urn,,,,1,\n",
    )
    assert [one.id for one in found] == ["7", "8"]
    assert bodies(found) == [
        {
            "type": "museum object",
            "name": "Vase",
            "categories": ["clay", "red"],
            "place": {"lat": 48.1, "lon": 11.5},
            "published": "1999-01-02",
        },
        {"type": "museum object", "name": "Urn"},
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "﻿name,by\nÉmile,Zola\n".encode()),
        ("a.csv", "name;by\r\nÉmile;Zola\r\n".encode("cp1252")),
        ("a.csv", "name\tby\nÉmile\tZola".encode("utf-16")),
        ("a.tsv", "name\tby\nÉmile\tZola\n".encode()),
        ("a.csv", "name|by\nÉmile|Zola\n".encode()),
        ("a.csv.gz", gzip.compress("name,by\n\n,\nÉmile,Zola\n".encode())),
    ],
)
def test_encodings_delimiters_and_packing_are_seen(
    tmp_path: Path, name: str, content: bytes
) -> None:
    assert bodies(read(tmp_path, content, name)) == [
        {"type": "book", "name": "Émile", "by": "Zola"}
    ]


def test_quoted_cells_hold_delimiters_quotes_and_lines_and_the_place_is_their_first_line(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, 'name,by\n"a, ""b""\nc",x\nnext,y\n')
    assert [dict(one.body)["name"] for one in found if isinstance(one, Document)] == [
        'a, "b"\nc',
        "next",
    ]
    assert [one.place for one in found] == ["data.csv:2", "data.csv:4"]


def test_bad_rows_are_named_with_line_and_reason_and_cost_no_other(tmp_path: Path) -> None:
    content = (
        b"id,name,popularity,published,place\n"
        b"1,good,1,1999,\n"
        b"2,bad,many,,\n"
        b"3,bad,,31.02.2000,\n"
        b'4,bad,,,"100,200"\n'
        b"5,bad\n"
        b"6,bad,1,1999,,extra\n"
        b"7,b\xffd,1,,\n"
        b'8,"ba"d,1,,\n'
        b",no id,1,,\n"
        b"9,bad,-1,,\n"
        b"10,good,1,,\n"
    )
    found = read(tmp_path, content + "é".encode() * 3 + b",last,,,\n")
    assert [place for place, _ in reasons(found)] == [
        f"data.csv:{number}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 11)
    ]
    said = [reason for _, reason in reasons(found)]
    for part, reason in zip(
        (
            "column popularity: 'many' is not a number",
            "'31.02.2000' is not a date",
            "not on the earth",
            "2 cells, but the header has 5",
            "6 cells",
            "column name: it is not utf-8 text",
            "not a row",
            "column id: the id is missing",
            "must not be below 0",
        ),
        said,
        strict=True,
    ):
        assert part in reason
    assert [one.id for one in found if isinstance(one, Document)] == ["1", "10", "ééé"]


def test_a_huge_cell_is_read_and_one_that_never_ends_is_one_bad_row(tmp_path: Path) -> None:
    (long,) = read(tmp_path, f"name,text\na,{'x' * 400_000}\n")
    assert isinstance(long, Document)
    assert len(long.body["text"]) == 400_000
    good, bad = read(tmp_path, 'name,text\na,b\nc,"never closed\n')
    assert isinstance(good, Document)
    assert isinstance(bad, BadLine)
    assert bad.place == "data.csv:3"


@pytest.mark.parametrize(
    ("content", "fields", "says"),
    [
        ("", {}, "is empty or has no header"),
        ("1,2\n3,4\n", {}, "holds numbers, not names"),
        ("name,name\na,b\n", {}, "two columns are named name"),
        ("title,by\na,b\n", {}, "no column is the name; its columns are title, by"),
        ("title,by\na,b\n", {"name": "titel"}, "did you mean 'title'"),
        ("title,by\na,b\n", {"nam": "title"}, "did you mean 'name'"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_with_what_to_do(
    tmp_path: Path, content: str, fields: dict[str, str], says: str
) -> None:
    with pytest.raises(IngestError, match=says):
        read(tmp_path, content, **fields)


def test_a_damaged_gzip_file_is_an_error_of_the_source(tmp_path: Path) -> None:
    packed = gzip.compress(b"name,by\n" + b"".join(b"%d,x\n" % n for n in range(200_000)))
    with pytest.raises(IngestError, match="cannot be unpacked"):
        read(tmp_path, packed[: len(packed) // 2], "a.csv.gz")


def test_every_mistake_in_a_mapping_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text(
        'ids = "x"\n[fields]\nname = 3\nby = {column = "a", kind = "lists"}\n'
        'nothing = "b"\ntext = {column = ["a", "b"]}\n'
    )
    with pytest.raises(IngestError) as caught:
        read(tmp_path, "a,b\nc,d\n")
    for part in ("unknown key 'ids'", "name: must be", "no kind 'lists'", "nothing: the index"):
        assert part in caught.value.message
    assert "only kind geo takes two columns" in caught.value.message


def test_json_lines_take_a_mapping_too(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        'id = "isbn"\n[fields]\nname = "book.title"\nby = "book.authors.name"\n'
    )
    path = tmp_path / "x.jsonl"
    path.write_text('{"isbn": 3, "book": {"title": "A", "authors": [{"name": "B"}, {"x": 1}]}}\n')
    columns = tmp_path / "map.toml"
    (found,) = open_source(path, "auto", SCHEMA, {}, "book", types=TYPES, columns=columns).read()
    assert found == Document("3", {"type": "book", "name": "A", "by": ["B"]}, "x.jsonl:1")
