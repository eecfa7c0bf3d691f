"""Placeholders, names and marks: how a file becomes what one cluster is to hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugin.assets import AssetValues
from plugin.assets.changes import Change, Plan, diff_json, diff_text
from plugin.assets.credentials import in_text, in_value
from plugin.assets.validate import validate
from plugin.assets.values import placeholders, resolve
from plugin.assets.wanted import flatten, template_mark, want

VALUES = AssetValues("shop", "http://127.0.0.1:9", 8)


def test_a_placeholder_alone_becomes_the_value_inside_a_text_it_is_written_out() -> None:
    body = {"${namespace}-x": ["${dimensions}", "${namespace}-${dimensions}", 3, None]}
    lookup = {"namespace": "shop", "dimensions": 8}.get
    assert resolve(body, lookup) == {"shop-x": [8, "shop-8", 3, None]}


def test_placeholders_of_opensearch_are_left_alone() -> None:
    text = "${parameters.input} ${credential.key}"
    assert placeholders({"a": [text]}) == set()
    assert resolve(text, {}.get) == text


def test_everything_is_named_for_the_namespace_and_only_models_stay_open(folder: Path) -> None:
    wanted = want(validate(folder, VALUES), VALUES, models=True)
    assert wanted.templates["shop-lexical"].startswith(template_mark("shop"))
    assert wanted.indexes["entities"]["index"] == "shop-entities-000001"
    assert wanted.indexes["entities"]["settings"]["index.default_pipeline"] == "shop-enrich"
    vector = wanted.indexes["entities"]["mappings"]["properties"]["vector"]
    assert vector["dimension"] == 8
    pipeline = wanted.pipelines["_ingest/pipeline", "shop-enrich"]
    assert placeholders(pipeline) == {"model:embeddings", "model:enrichment"}
    assert pipeline["processors"][0]["script"]["params"]["text"][0] == "name"
    connector = wanted.connectors["embeddings"]["connector"]
    assert connector["parameters"]["endpoint"] == "http://127.0.0.1:9"
    assert "${parameters.input}" in connector["actions"][0]["request_body"]


def test_without_models_nothing_names_one(folder: Path) -> None:
    wanted = want(validate(folder, VALUES), VALUES, models=False)
    assert not wanted.pipelines
    assert not wanted.connectors
    assert wanted.kept == {"shop-enrich"}
    assert wanted.indexes["entities"]["settings"]["index.default_pipeline"] == "_none"


def test_every_index_can_be_opened_without_thai_words(folder: Path) -> None:
    for index in want(validate(folder, VALUES), VALUES, models=True).indexes.values():
        assert index["settings"]["index.analysis.analyzer.thai.type"] == "standard"


def test_settings_are_flat_and_texts_as_opensearch_gives_them_back() -> None:
    nested: dict[str, Any] = {
        "index": {"knn": True, "a": {"b": [1, "x"]}},
        "refresh_interval": "1s",
    }
    assert flatten(nested) == {
        "index.knn": "true",
        "index.a.b": ["1", "x"],
        "index.refresh_interval": "1s",
    }


def test_changes_go_in_a_safe_order_and_deletions_last() -> None:
    changes = [
        Change("connector", "delete", "a", ""),
        Change("template", "delete", "b", ""),
        Change("ingest pipeline", "delete", "c", ""),
        Change("index", "create", "d", ""),
        Change("template", "update", "e", ""),
        Change("ingest pipeline", "create", "f", ""),
        Change("connector", "replace", "g", ""),
    ]
    ordered = sorted(changes, key=lambda change: change.order)
    assert "".join(change.name for change in ordered) == "gfedbca"


def test_exit_codes_tell_nothing_changes_and_refused_apart() -> None:
    change = Change("template", "update", "shop-fuzzy", "its text differs")
    assert Plan(()).exit_code == 0
    assert Plan((change,)).exit_code == 2
    assert Plan((change,), ("no",)).exit_code == 1
    assert change.line() == "~ template shop-fuzzy: its text differs"


def test_a_diff_shows_the_changed_line_between_its_neighbours() -> None:
    lines = diff_text("a\nb\nc\nd\ne\nf", "a\nb\nc\nD\ne\nf")
    assert lines == ("@@ -2,5 +2,5 @@", " b", " c", "-d", "+D", " e", " f")
    assert diff_json({"b": 1, "a": 2}, {"a": 2, "b": 1}) == ()


def test_credentials_are_recognised_and_dummies_are_not() -> None:
    guilty = {
        "a": {"password": "hunter2"},
        "b": [{"api_key": "x"}],
        "credential": {"key": "abc"},
        "headers": {"Authorization": "Bearer abc"},
    }
    innocent = {
        "credential": {"key": "unused"},
        "headers": {"Authorization": "Bearer ${credential.key}"},
        "tokenizer": "standard",
    }
    assert {place for place, _ in in_value(guilty)} == {
        "a.password",
        "b[0].api_key",
        "credential.key",
        "headers.Authorization",
    }
    assert not list(in_value(innocent))
    text = "ok\nhttp://me:pass@host/\n" + "AKIA" + "A" * 16
    assert [line for line, _ in in_text(text)] == [2, 3]
