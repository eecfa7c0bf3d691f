"""Predicted and observed queries meet under one key only if both are read the same way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.understanding import memory_key, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Tayler   LOVE ", "tayler love"),
        ("Beyoncé", "beyonce"),
        ("don't stop", "dont stop"),
        ("don’t stop", "dont stop"),
        ("AC/DC", "ac dc"),
        ("Canción del Verano!", "cancion del verano"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("Straße", "strasse"),
        ("Ёлка", "елка"),
    ],
)
def test_spellings_of_one_query_become_one(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_marks_that_carry_meaning_stay() -> None:
    assert normalise("プラスティック") == "プラスティック"
    assert normalise("है") != normalise("ह")


def test_a_text_without_a_word_has_no_key() -> None:
    assert memory_key(" …!? ") == ""
    assert memory_key("🎵") == ""


@given(st.text())
def test_normalising_twice_changes_nothing_and_keys_are_short_and_plain(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert re.fullmatch(r"([0-9a-f]{16})?", memory_key(text))
