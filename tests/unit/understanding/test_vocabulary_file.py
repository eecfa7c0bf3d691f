"""One file per host: whole or refused, and never what it was not built from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_vocabulary import ENTITIES, WORDING, reader_of, vocabulary_of, write_vocabulary

from plugin.errors import BrokenState
from plugin.understanding.vocabulary import Vocabulary


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vocabulary.bin"
    write_vocabulary(ENTITIES.items(), path)
    return path


def test_any_damage_is_seen(path: Path) -> None:
    whole = path.read_bytes()
    damaged = {
        "cut off": whole[: len(whole) // 2],
        "one bit": bytes([*whole[:200], whole[200] ^ 1, *whole[201:]]),
        "another version": b"somethng" + whole[8:],
        "empty": b"",
        "a few bytes": whole[:10],
    }
    for content in damaged.values():
        path.write_bytes(content)
        with pytest.raises(BrokenState):
            Vocabulary.open(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Vocabulary.open(tmp_path / "none")


def test_a_newer_file_does_not_change_what_is_open(path: Path) -> None:
    before = Vocabulary.open(path)
    write_vocabulary([("x", {"kind": "song", "title": "Something Else"})], path)
    assert before.complete("yellow", 1)[0][0] == "Yellow Submarine"
    assert Vocabulary.open(path).complete("yellow", 1) == []
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_same_entities_give_the_same_bytes_in_any_order(path: Path) -> None:
    other = path.with_name("other.bin")
    write_vocabulary(ENTITIES.items(), other)
    assert other.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"title": None},
        {"title": 5, "made_by": {"a": 1}, "genre": [1, None, "x"]},
        {"title": "x" * 5000, "fame": "much"},
        {"title": "Fine", "fame": float("nan"), "kind": ["a", "b"]},
        {"title": ["One", "Two"], "fame": True},
    ],
)
def test_odd_entities_are_passed_over(odd: dict[str, Any], tmp_path: Path) -> None:
    vocabulary = vocabulary_of({**ENTITIES, "odd": odd}, tmp_path)
    assert reader_of(vocabulary).read("yellow submarine").slots[0].entity == "submarine"


def test_an_index_without_entities_gives_no_readings(tmp_path: Path) -> None:
    reading = reader_of(vocabulary_of({}, tmp_path)).read("tayler love songs")
    assert (reading.slots, reading.corrected) == ((), "")


def test_completions_are_names_and_values_the_weightiest_first(path: Path) -> None:
    vocabulary = Vocabulary.open(path)
    completed = [name for name, _ in vocabulary.complete("lov", 5)]
    assert {"Love", "Love Story"} <= set(completed)
    assert vocabulary.complete("上を", 3)[0][0] == "上を向いて歩こう"
    assert vocabulary.complete("taylor sw", 3)[0][0] == "Taylor Swift"
    assert vocabulary.complete("", 3) == vocabulary.complete("zz", 3) == []
    weights = [weight for _, weight in vocabulary.complete("the", 9)]
    assert weights == sorted(weights, reverse=True)


def test_popularity_has_no_scale(tmp_path: Path) -> None:
    """A million followers or a grade of 1 to 5: only the order counts."""
    famous = {
        id: {**entity, "fame": 10.0 ** entity.get("fame", 0)} for id, entity in ENTITIES.items()
    }
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()
    for text in ("love", "tayler", "submarine"):
        assert (
            reader_of(vocabulary_of(ENTITIES, small)).read(text).slots
            == reader_of(vocabulary_of(famous, large)).read(text).slots
        )


def test_other_words_for_values_complete_nothing(tmp_path: Path) -> None:
    vocabulary = vocabulary_of(ENTITIES, tmp_path)
    assert "canciones" in WORDING.types["song"]
    assert vocabulary.complete("cancion", 1) == []
    assert vocabulary.complete("sukiy", 1)[0][0] == "上を向いて歩こう"
