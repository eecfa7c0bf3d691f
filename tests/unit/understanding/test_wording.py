"""The words of a query that no index can tell: read, or refused with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_vocabulary import SCHEMA, WORDING

from plugin.assets.problems import InvalidAssets
from plugin.assets.schema import load_schema
from plugin.understanding.languages import guess_language
from plugin.understanding.normalise import normalise
from plugin.understanding.wording import FILE, Wording, load_wording

ASSETS = Path(__file__).parents[3] / "opensearch"


def written(folder: Path, text: str) -> Wording:
    (folder / FILE).write_text(text, encoding="utf-8")
    return load_wording(folder, SCHEMA)


def test_without_the_file_only_the_index_is_understood(tmp_path: Path) -> None:
    assert load_wording(tmp_path, SCHEMA) == Wording()


def test_words_are_normalised_and_a_text_is_a_list_of_them(tmp_path: Path) -> None:
    wording = written(
        tmp_path, 'recent = "New  Neu"\n[types]\nsong = ["Canción", "pop-song"]\n[letters]\nes="Ñ"'
    )
    assert wording.recent == ("new", "neu")
    assert wording.types == {"song": ("cancion", "pop song")}
    assert wording.letters == {"es": frozenset("ñ")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("recents = []", "did you mean 'recent'?"),
        ("recent = 5", "recent: must be a list of words"),
        ("types = []", "types: must be a table"),
        ("[types]\nsong = [1]", "types.song: must be a list of words"),
        ("[values.moods]\nsad = []", "did you mean 'mood'?"),
        ("[values]\nmood = []", "values.mood: must be a table"),
        ("[letters]\nes = 3", "letters.es: must be a text of letters"),
        ("recent = [", "not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_what_was_meant(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidAssets) as refused:
        written(tmp_path, text)
    assert FILE in refused.value.message
    assert told in refused.value.message


def test_another_word_is_another_fingerprint(tmp_path: Path) -> None:
    first = written(tmp_path, 'recent = ["new"]').fingerprint
    assert written(tmp_path, '# a remark\nrecent = ["new"]').fingerprint == first
    assert written(tmp_path, 'recent = ["newer"]').fingerprint != first


def test_our_own_file_is_good_and_every_example_word_in_it_is_one() -> None:
    wording = load_wording(ASSETS, load_schema(ASSETS))
    assert "songs" in wording.types["song"]
    assert wording.only_stops(("the", "of"))
    assert not wording.only_stops(("song",))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("上を向いて歩こう", "ja"),
        ("周杰倫", "zh"),
        ("노래", "ko"),
        ("группа крови", "ru"),
        ("أم كلثوم", "ar"),
        ("canción del mar", "es"),
        ("song of the sea", "en"),
        ("la del mar", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_language_shows_by_script_letters_and_small_words(
    text: str, language: str | None
) -> None:
    guessed, sure = guess_language(text, normalise(text).split(), WORDING)
    assert guessed == language
    assert (sure > 0) == (language is not None)
