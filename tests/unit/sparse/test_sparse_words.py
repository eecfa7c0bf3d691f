"""Tokens: words as people write them, pairs of signs where nobody writes spaces."""

from __future__ import annotations

import pytest

from plugin.sparse.base import LONGEST, feature, heaviest
from plugin.sparse.words import tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't STOP me now!", ["dont", "stop", "me", "now"]),
        ("Señorita  señorita", ["senorita", "senorita"]),
        ("夜に駆ける", ["夜に", "に駆", "駆け", "ける"]),
        ("花 X夜に2", ["花", "x", "夜に", "2"]),
        ("사랑 노래", ["사랑", "노래"]),
        ("🎵 ...", []),
        ("", []),
        ("a" * (LONGEST + 1), []),
    ],
)
def test_tokens_are_words_or_pairs_of_signs(text: str, found: list[str]) -> None:
    assert tokens(text) == found


def test_a_feature_has_no_dot_and_a_bounded_length() -> None:
    assert feature("##ing") == "##ing"
    names = {feature("."), feature("a.b"), feature("a" * 65), feature("")}
    assert len(names) == 4
    assert all("." not in name and len(name) == 17 for name in names)


def test_the_heaviest_are_kept_within_what_opensearch_takes() -> None:
    weights = [("a", 100.0), ("b", 2.00049), ("c", 0.0001), ("d", 2.0004), ("e", -1.0)]
    assert heaviest(weights, 3) == {"a": 64.0, "b": 2.0, "d": 2.0}
    assert list(heaviest(weights, 2)) == ["a", "b"]
