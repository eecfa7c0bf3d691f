"""page.toml: read, checked, and not needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.assets.page import PageSettings, load_page
from plugin.assets.problems import InvalidAssets
from plugin.assets.schema import Schema

SCHEMA = Schema("kind", "title", ("title", "words", "tags"), "vector", "q2e", "predicted")
TYPES = {
    "kind": "keyword",
    "title": "text",
    "title.keyword": "keyword",
    "words": "text",
    "tags": "keyword",
    "price": "rank_feature",
}


def test_without_the_file_nothing_collapses_and_the_texts_are_marked(tmp_path: Path) -> None:
    settings = load_page(tmp_path, SCHEMA, TYPES)
    assert settings == PageSettings(diversify=("kind",), highlight=("title", "words"))


def test_what_the_file_says_holds(tmp_path: Path) -> None:
    (tmp_path / "page.toml").write_text(
        'collapse = ["kind", "title.keyword"]\ndiversity = 1\ndiversify = ["tags", "kind"]\n'
        'highlight = ["words"]\ntags = ["<b>", "</b>"]\n'
    )
    settings = load_page(tmp_path, SCHEMA, TYPES)
    assert settings == PageSettings(
        ("kind", "title.keyword"), 1.0, 0.0, ("tags", "kind"), ("words",), ("<b>", "</b>")
    )
    assert settings.values == ("kind", "title.keyword", "tags")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colapse = ["kind"]', "did you mean 'collapse'"),
        ('collapse = "kind"', "must be a list of field names"),
        ('collapse = ["titel.keyword"]', "did you mean 'title.keyword'"),
        ('collapse = ["title"]', "is of type text"),
        ('diversify = ["price"]', "is of type rank_feature"),
        ('highlight = ["tags"]', "is of type keyword"),
        ("diversity = 2", "from 0 .off. to 1"),
        ("diversity = true", "from 0 .off. to 1"),
        ("diversity = nan", "from 0 .off. to 1"),
        ('tags = ["<b>"]', "must be two texts"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "page.toml").write_text(line)
    with pytest.raises(InvalidAssets, match=said):
        load_page(tmp_path, SCHEMA, TYPES)
