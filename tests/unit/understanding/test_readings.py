"""What the words of a query may mean, with likelihoods."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_vocabulary import ENTITIES, reader_of, vocabulary_of

from plugin.model import Slot
from plugin.understanding import memory_key, understand
from plugin.understanding.reader import LEAST_LIKELIHOOD, MOST_SLOTS, Reader


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return reader_of(vocabulary_of(ENTITIES, tmp_path_factory.mktemp("vocabulary")))


def readings(reader: Reader, text: str) -> dict[tuple[str, str, str | None], Slot]:
    """(role, value, entity) → slot."""
    return {(slot.role, slot.value, slot.entity): slot for slot in reader.read(text).slots}


def test_one_word_can_be_several_things(reader: Reader) -> None:
    found = readings(reader, "love")
    assert {("name", "Love", "love-band"), ("name", "Love", "love-song")} <= found.keys()
    assert ("facets", "love", None) in found
    assert (
        found["name", "Love", "love-band"].likelihood
        > found["name", "Love", "love-song"].likelihood
    )
    assert found["facets", "love", None].field == "genre"


def test_a_misspelt_part_of_a_name_leads_to_whom_it_means(reader: Reader) -> None:
    found = readings(reader, "tayler love")
    maker = found["by", "Taylor Swift", None]
    assert (maker.field, maker.words, maker.start, maker.end) == ("made_by.raw", "tayler", 0, 1)
    assert found["name", "Taylor Swift", "taylor"].likelihood >= LEAST_LIKELIHOOD
    assert reader.read("tayler love").corrected == "taylor love"


def test_errors_in_every_word_of_two_names(reader: Reader) -> None:
    reading = reader.read("beatels yelow submarin")
    assert reading.corrected == "beatles yellow submarine"
    assert (reading.slots[0].value, reading.slots[0].entity) == ("Yellow Submarine", "submarine")
    assert reading.slots[0].words == "yelow submarin"
    assert ("by", "The Beatles", None) in readings(reader, "beatels yelow submarin")


def test_a_word_is_corrected_to_what_it_was_read_as(tmp_path: Path) -> None:
    """There are more Tylers, but the one Taylor is whom everybody means."""
    tylers = {f"tyler-{n}": {"title": f"Tyler {n}", "fame": 95 + n} for n in range(1, 5)}
    reader = reader_of(vocabulary_of({**ENTITIES, **tylers}, tmp_path))
    reading = reader.read("tayler")
    assert reading.slots[0].value == "Taylor Swift"
    assert reading.corrected == "taylor"


def test_an_error_costs_likelihood_and_a_part_costs_more_than_the_whole(reader: Reader) -> None:
    key = ("name", "Yellow Submarine", "submarine")
    whole, misspelt, part = (
        readings(reader, text)[key].likelihood
        for text in ("yellow submarine", "yelow submarin", "submarine")
    )
    assert whole > misspelt
    assert whole > part


def test_the_longest_reading_of_words_is_the_likeliest_and_makes_those_inside_less_so(
    reader: Reader,
) -> None:
    found = readings(reader, "love story")
    assert reader.read("love story").slots[0].entity == "love-story"
    value = "facets", "love", None
    assert found[value].likelihood < readings(reader, "love anthem")[value].likelihood


def test_case_accents_and_other_names_do_not_matter(reader: Reader) -> None:
    assert reader.read("CORAZON").slots[0].entity == "corazon"
    assert ("by", "Taylor Swift", None) in readings(reader, "t swift")
    assert ("name", "上を向いて歩こう", "walk") in readings(reader, "sukiyaki")


def test_a_name_is_found_inside_a_text_without_spaces(reader: Reader) -> None:
    found = readings(reader, "坂本九の上を向いて歩こうを聴く")
    assert found["name", "上を向いて歩こう", "walk"].words == "上を向いて歩こう"
    assert found["by", "坂本九", None].words == "坂本九"
    assert (found["by", "坂本九", None].start, found["by", "坂本九", None].end) == (0, 1)
    assert ("name", "上を向いて歩こう", "walk") in readings(reader, "上を向いて")
    assert ("name", "ก็เคยสัญญา", "thai") in readings(reader, "เพลงก็เคยสัญญา")


def test_types_values_new_and_best_are_read_by_the_files_words(reader: Reader) -> None:
    found = readings(reader, "new spanish songs")
    assert found["type", "song", None].field == "kind"
    assert found["language", "es", None].field == "tongue"
    assert found["recent", "", None].field == "born"
    assert readings(reader, "best pop")["popular", "", None].field == "fame"
    assert ("facets", "romantic", None) in readings(reader, "love songs")


def test_words_for_what_the_index_does_not_hold_mean_nothing(reader: Reader) -> None:
    assert not any(slot.role == "type" for slot in reader.read("ghosts").slots)


def test_stop_words_alone_say_nothing_unless_they_are_a_name(reader: Reader) -> None:
    assert reader.read("the").says_nothing
    assert reader.read("").says_nothing
    assert reader.read("the of and").slots == ()
    assert not reader.read("the who").says_nothing
    assert reader.read("The Who").slots[0].entity == "who"
    assert not reader.read("moon").says_nothing


def test_words_of_different_languages_are_not_stop_words_together(reader: Reader) -> None:
    assert reader.read("del para").says_nothing
    assert not reader.read("the del").says_nothing


def test_what_is_likely_a_value_is_not_left_among_the_words(reader: Reader) -> None:
    assert reader.read("new taylor swift songs about rain").rest == "rain"
    assert reader.read("tayler anthem").rest == "anthem"


def test_a_query_in_another_language_is_a_weak_wish_for_it(reader: Reader) -> None:
    reading = reader.read("canciones de corazón")
    assert reading.language == "es"
    (spoken,) = (slot for slot in reading.slots if slot.role == "language")
    assert (spoken.value, spoken.words) == ("es", "")
    assert spoken.likelihood < 0.5


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yellow submarine", "known_item"),
        ("taylor swift pop", "attribute"),
        ("new songs", "broad"),
        ("walking home alone after midnight", "topic"),
        ("who wrote the anthem?", "question"),
    ],
)
def test_intents(reader: Reader, text: str, intent: str) -> None:
    intents = reader.read(text).intents
    assert max(intents, key=lambda name: intents[name]) == intent
    assert sum(intents.values()) == pytest.approx(1, abs=0.001)


def test_without_a_vocabulary_there_are_words_and_a_language() -> None:
    reading = reader_of(None).read("canción del mar")
    assert (reading.words, reading.slots, reading.language) == (("cancion", "del", "mar"), (), "es")


def test_a_reading_changes_neither_text_nor_key(reader: Reader) -> None:
    plain, reading = understand(" Tayler LOVE "), reader.read(" Tayler LOVE ")
    assert (reading.text, reading.words) == (plain.text, plain.words)
    assert reading.memory_key == plain.memory_key == memory_key("tayler love")


@given(st.text(max_size=300))
def test_anything_can_be_read(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    reading = _shared(tmp_path_factory).read(text)
    assert len(reading.slots) <= MOST_SLOTS
    likelihoods = [slot.likelihood for slot in reading.slots]
    assert likelihoods == sorted(likelihoods, reverse=True)
    for slot in reading.slots:
        assert LEAST_LIKELIHOOD <= slot.likelihood <= 1
        assert 0 <= slot.start < slot.end <= len(reading.words)


_READERS: list[Reader] = []


def _shared(factory: pytest.TempPathFactory) -> Reader:
    if not _READERS:
        _READERS.append(reader_of(vocabulary_of(ENTITIES, factory.mktemp("any"))))
    return _READERS[0]


@pytest.mark.parametrize(
    "text",
    [
        "love " * 400,
        "the " * 500,
        "taylr " * 333,
        "上を向いて" * 400,
        "x" * 2000,
        "".join(chr(0x4E00 + number) for number in range(2000)),
        " ".join("abcdefghij"[number % 7 :] for number in range(400))[:2000],
    ],
    ids=["names", "stop words", "errors", "no spaces", "one word", "han", "short words"],
)
def test_two_thousand_hostile_characters_are_read_at_once(reader: Reader, text: str) -> None:
    started = time.process_time()
    reading = reader.read(text)
    assert time.process_time() - started < 0.25
    assert len(reading.slots) <= MOST_SLOTS
