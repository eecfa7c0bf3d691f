"""Lists of words are files, and what analyzers are made of is checked before a node sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.assets.check_analysis import check_analysis
from plugin.assets.problems import InvalidAssets
from plugin.assets.validate import validate

ENTITIES = "indexes/entities.json"


def problems(folder: Path) -> str:
    with pytest.raises(InvalidAssets) as raised:
        validate(folder)
    return raised.value.message


def found(**analysis: Any) -> list[str]:
    return [str(problem) for problem in check_analysis("f", analysis)]


def synonyms(*rules: str) -> list[str]:
    return found(filter={"same": {"type": "synonym_graph", "synonyms": list(rules)}})


def test_the_lines_of_a_file_stand_where_its_placeholder_was(folder: Path) -> None:
    (folder / "analysis" / "synonyms.txt").write_text("# why\n\n  bike, bicycle  \nx => y, z\n")
    index = validate(folder).indexes["entities"]
    filters = index["settings"]["index"]["analysis"]["filter"]
    assert filters["synonyms"]["synonyms"] == ["bike, bicycle", "x => y, z"]


def test_a_list_that_is_missing_or_says_nothing_is_named(folder: Path) -> None:
    (folder / "analysis" / "synonyms.txt").unlink()
    assert "analysis/synonyms.txt: the file is missing" in problems(folder)
    (folder / "analysis" / "synonyms.txt").write_text("# nothing\n")
    assert "analysis/synonyms.txt: holds no line" in problems(folder)


def test_a_list_comes_from_its_folder_and_nowhere_else(folder: Path) -> None:
    index = folder / ENTITIES
    index.write_text(index.read_text().replace("lines:synonyms.txt", "lines:../schema.toml"))
    assert "must be the name of a file in analysis/" in problems(folder)


def test_a_bad_rule_is_told_with_what_is_wrong(folder: Path) -> None:
    with (folder / "analysis" / "synonyms.txt").open("a") as file:
        file.write("alone\n")
    assert "filter.synonyms: the rule 'alone' names one term only" in problems(folder)


@pytest.mark.parametrize(
    "rule", ["a, b", "a b, c, d e", "a => b", "a, b => a, b, c d", "r&b => rnb"]
)
def test_rules_that_are_good(rule: str) -> None:
    assert synonyms(rule) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("a", "one term only"),
        ("a, , b", "an empty term"),
        ("a =>", "an empty term"),
        ("a, b,", "an empty term"),
        ("a => b => c", "more than one =>"),
        ("&, and", "without a letter or digit"),
    ],
)
def test_rules_that_would_keep_the_index_from_opening(rule: str, said: str) -> None:
    (problem,) = synonyms(rule)
    assert said in problem
    assert repr(rule) in problem


def test_an_analyzer_is_made_of_parts_that_are_there() -> None:
    made = {"tokenizer": "standart", "filter": ["lowercase", "stemms"], "char_filter": ["html"]}
    said = found(analyzer={"words": made}, filter={"stems": {"type": "stemmer"}})
    assert len(said) == 3
    assert "there is no filter 'stemms'; did you mean 'stems'?" in " ".join(said)
    assert "there is no tokenizer 'standart'; did you mean 'standard'?" in " ".join(said)


def test_chains_inside_a_filter_are_read_too() -> None:
    chains = {"type": "multiplexer", "filters": ["lowercase, sterns"]}
    (problem,) = found(filter={"stems": chains})
    assert "filter.stems: there is no filter 'sterns'" in problem


def test_a_stemmer_must_be_of_a_language_that_there_is() -> None:
    (problem,) = found(filter={"es": {"type": "stemmer", "language": "spanish_plural"}})
    assert "filter.es: there is no stemmer 'spanish_plural'" in problem


def test_a_template_may_only_ask_for_analyzers_that_are_there(folder: Path) -> None:
    for name in ("template.mustache", "cases.json"):
        file = folder / "strategies" / "exact" / name
        file.write_text(file.read_text().replace('"unconnected"', '"unconected"'))
    said = "there is no analyzer 'unconected'; did you mean 'unconnected'?"
    assert said in problems(folder)


def test_the_field_of_a_decay_must_be_there(folder: Path) -> None:
    for name in ("template.mustache", "cases.json"):
        file = folder / "strategies" / "fresh" / name
        file.write_text(file.read_text().replace('"exp": {"published"', '"exp": {"publishd"'))
    assert "no mapping has the field 'publishd'" in problems(folder)
