"""The words to search for what was meant: without typing errors and without wishes."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_vocabulary import ENTITIES, reader_of, vocabulary_of

from plugin.understanding.reader import Reader


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    called = {
        "new-order": {"title": "New Order", "fame": 60},
        "new-pop": {"title": "New Pop Friday", "other_titles": ["New Pop"], "fame": 50},
    }
    return reader_of(vocabulary_of({**ENTITIES, **called}, tmp_path_factory.mktemp("vocabulary")))


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("love", None),
        ("new love", "love"),
        ("best love", "love"),
        ("tayler love", "taylor love"),
        ("new tayler love", "taylor love"),
        ("new", ""),
        ("new order", None),
        ("new pop", "pop"),
    ],
)
def test_what_is_searched_for(reader: Reader, text: str, rewritten: str | None) -> None:
    assert reader.read(text).rewritten == rewritten


def test_without_a_vocabulary_words_are_searched_for_as_they_are() -> None:
    assert reader_of(None).read("new tayler love").rewritten is None


def test_a_query_of_stop_words_is_not_rewritten(tmp_path: Path) -> None:
    assert reader_of(vocabulary_of(ENTITIES, tmp_path)).read("the and of").rewritten is None
