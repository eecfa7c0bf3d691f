"""The demo knows its catalogue by content."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ltrr.demo.catalogue import catalogue_folder, content_hash, example_queries
from ltrr.settings import Settings
from plugin.errors import InvalidRequest


def test_the_hash_tells_any_change_of_names_or_contents(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "a.txt").write_text("one")
    hashes = [content_hash(tmp_path), content_hash(tmp_path)]
    assert hashes[0] == hashes[1]
    (tmp_path / "deeper" / "a.txt").write_text("two")
    hashes.append(content_hash(tmp_path))
    (tmp_path / "deeper" / "a.txt").rename(tmp_path / "a.txt")
    hashes.append(content_hash(tmp_path))
    (tmp_path / "b.txt").write_text("")
    hashes.append(content_hash(tmp_path))
    assert len(set(hashes)) == 4


def test_example_queries_are_lines_without_comments(tmp_path: Path) -> None:
    assert example_queries(tmp_path) == ()
    (tmp_path / "queries.txt").write_text("// comment\n\n  sad love \n上を向いて\n")
    assert example_queries(tmp_path) == ("sad love", "上を向いて")


def test_the_projects_own_catalogue_has_examples() -> None:
    queries = example_queries(catalogue_folder(Settings.from_env({})))
    assert "tayler love" in queries
    assert not any(";" in query for query in queries)  # they travel separated by it


def test_elsewhere_than_in_a_checkout_the_demo_says_so(tmp_path: Path) -> None:
    settings = replace(Settings.from_env({}), assets=tmp_path / "opensearch")
    with pytest.raises(InvalidRequest, match="checkout"):
        catalogue_folder(settings)
