"""Anything that can be typed can be read."""

from plugin.understanding import memory_key, understand


def test_a_reading_holds_the_text_its_words_and_its_key() -> None:
    reading = understand("  Tayler LOVE! ")
    assert reading.text == "Tayler LOVE!"
    assert reading.words == ("tayler", "love")
    assert reading.memory_key == memory_key("tayler love")


def test_half_a_character_becomes_one_that_can_be_sent() -> None:
    assert understand("a\ud800b").text == "a?b"


def test_a_text_without_a_word_has_neither_words_nor_key() -> None:
    reading = understand(" … ")
    assert (reading.words, reading.memory_key) == ((), "")
