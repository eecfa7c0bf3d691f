"""Which settings can change without storing anything anew."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.assets.reopening import without_storing_anew

MAPPINGS: dict[str, Any] = {
    "properties": {
        "name": {
            "type": "text",
            "analyzer": "words",
            "search_analyzer": "asked",
            "fields": {"exact": {"type": "keyword", "normalizer": "folded"}},
        }
    }
}
SETTINGS: dict[str, Any] = {
    "index.analysis.analyzer.words.filter": ["lowercase", "stems"],
    "index.analysis.analyzer.words.char_filter": "signs",
    "index.analysis.analyzer.asked.filter": ["lowercase", "synonyms", "stems"],
    "index.analysis.filter.stems.type": "multiplexer",
    "index.analysis.filter.stems.filters": ["english, folding", "spanish"],
    "index.analysis.normalizer.folded.filter": ["lowered"],
}


@pytest.mark.parametrize(
    "key",
    [
        "index.analysis.filter.synonyms.synonyms",
        "index.analysis.analyzer.asked.filter",
        "index.analysis.analyzer.new.tokenizer",
        "index.similarity.sentences.b",
    ],
)
def test_what_only_queries_are_read_by_can_change(key: str) -> None:
    assert without_storing_anew(key, MAPPINGS, SETTINGS)


@pytest.mark.parametrize(
    "key",
    [
        "index.analysis.analyzer.words.filter",
        "index.analysis.analyzer.default.tokenizer",
        "index.analysis.filter.stems.filters",
        "index.analysis.filter.spanish.language",
        "index.analysis.filter.folding.type",
        "index.analysis.filter.lowered.type",
        "index.analysis.char_filter.signs.pattern",
        "index.analysis.normalizer.folded.filter",
        "index.number_of_shards",
        "index.knn",
    ],
)
def test_what_words_are_stored_by_cannot(key: str) -> None:
    assert not without_storing_anew(key, MAPPINGS, SETTINGS)
