"""Readers of entities: what is good comes through, what is bad is named with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.base import BadLine, Document, stable_id
from ingest.sources.beir import Beir
from ingest.sources.catalogue import Catalogue
from ingest.sources.jsonl import JsonLines
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


def lines(path: Path, *given: Any) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in given))
    return path


def test_a_json_line_is_a_document_under_its_id(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {"id": "a", "name": "A"}, {"_id": 7, "name": "B"})
    assert list(JsonLines(path, {"type": "song"}).read()) == [
        Document("a", {"type": "song", "name": "A"}, "x.jsonl:1"),
        Document("7", {"type": "song", "name": "B"}, "x.jsonl:2"),
    ]


def test_a_default_never_replaces_what_is_there(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {"id": "a", "type": "album"})
    assert [one.body for one in JsonLines(path, {"type": "song"}).read() if one] == [
        {"type": "album"}
    ]


def test_without_an_id_the_content_is_the_id_whatever_the_order_of_fields(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", '{"name": "A", "by": "B"}', '{"by": "B", "name": "A"}')
    first, second = JsonLines(path, {}).read()
    assert first.id == second.id == stable_id({"name": "A", "by": "B"})
    assert isinstance(first, Document)
    assert not first.given


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "a JSON object is needed"),
        ('{"id": "a"}', "no fields"),
        ('{"id": true, "name": "A"}', "the id must be"),
        ('{"id": " ", "name": "A"}', "the id must be"),
        ('{"id": 1.5, "name": "A"}', "the id must be"),
        (json.dumps({"id": "é" * 257, "name": "A"}), "more than 512 bytes"),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_is_read(
    tmp_path: Path, line: str, reason: str
) -> None:
    bad, good = JsonLines(lines(tmp_path / "x.jsonl", line, {"id": "b", "name": "B"}), {}).read()
    assert isinstance(bad, BadLine)
    assert bad.place == "x.jsonl:1"
    assert reason in bad.reason
    assert good.id == "b"


def test_bytes_that_are_no_utf8_and_a_byte_order_mark_harm_only_themselves(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a", "name": "A"}\r\n{"name": "\xff"}\n\n')
    good, bad = JsonLines(path, {}).read()
    assert good.id == "a"
    assert isinstance(bad, BadLine)


def beir(folder: Path, fields: dict[str, str]) -> list[Document | BadLine]:
    usual = {"name": "title", "text": "text"}
    return list(Beir(folder, "name", {**usual, **fields}, frozenset({"language"}), {}).read())


def test_a_beir_line_becomes_an_entity_by_the_mapping(tmp_path: Path) -> None:
    metadata = {"artist": {"main": ["B"]}, "language": "en", "other": 1}
    line = {"_id": "a", "title": "A", "text": "", "metadata": metadata}
    lines(tmp_path / "corpus.jsonl", line)
    assert beir(tmp_path, {"by": "metadata.artist.main", "part_of": "metadata.album"}) == [
        Document("a", {"name": "A", "by": ["B"], "language": "en"}, "corpus.jsonl:1")
    ]


def test_without_a_title_the_first_words_are_the_name(tmp_path: Path) -> None:
    lines(tmp_path / "corpus.jsonl", {"_id": "a", "text": "word " * 100}, {"_id": "b"}, {"x": 1})
    named, empty, nameless = beir(tmp_path, {})
    assert isinstance(named, Document)
    assert named.body["name"] == "word " * 15 + "word…"
    assert isinstance(empty, BadLine)
    assert (empty.id, empty.reason) == ("b", "neither title nor text")
    assert isinstance(nameless, BadLine)
    assert "_id" in nameless.reason


def test_the_format_is_seen_from_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "beir").mkdir()
    (tmp_path / "beir" / "corpus.jsonl").touch()
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "catalogue.toml").touch()
    (tmp_path / "x.jsonl").touch()
    kinds = {
        name: type(open_source(tmp_path / name, "auto", SCHEMA, {}, "thing"))
        for name in ("beir", "catalogue", "x.jsonl")
    }
    assert kinds == {"beir": Beir, "catalogue": Catalogue, "x.jsonl": JsonLines}


def test_a_path_that_no_reader_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"neither corpus\.jsonl"):
        open_source(tmp_path, "auto", SCHEMA, {}, "thing")
    with pytest.raises(IngestError, match="is not there"):
        open_source(tmp_path / "nothing", "auto", SCHEMA, {}, "thing")
    with pytest.raises(IngestError, match="cannot read"):
        list(JsonLines(tmp_path, {}).read())
    (tmp_path / "x.jsonl").touch()
    with pytest.raises(IngestError, match="no such field"):
        open_source(tmp_path / "x.jsonl", "auto", SCHEMA, {"bye": "x"}, "thing")
