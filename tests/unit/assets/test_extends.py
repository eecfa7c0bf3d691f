"""A folder that extends another holds only what differs; everything else sees one whole folder."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltrr.settings import Settings
from plugin.assets.extends import edited, merge_patch, origins, resolved
from plugin.assets.problems import InvalidAssets
from plugin.assets.validate import validate
from plugin.engine import find_places

Make = Callable[..., Path]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "assets"


@pytest.fixture
def shop(folder: Path) -> Make:
    """Makes a folder beside the project's own assets that extends them, with these files."""

    def make(schema: str = "", name: str = "shop", **files: str) -> Path:
        made = folder.parent / name
        head = 'extends = "../opensearch"\n'
        for file, text in {"schema.toml": head + schema, **files}.items():
            path = made / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return made

    return make


def problem_of(folder: Path, into: Path) -> str:
    with pytest.raises(InvalidAssets) as caught:
        resolved(folder, into)
    return str(caught.value.problems[0])


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_folder_that_extends_nothing_is_itself(folder: Path, into: Path) -> None:
    assert resolved(folder, into) == folder
    assert not into.exists()
    assert edited(folder) == folder


def test_what_a_folder_does_not_have_is_taken_from_the_one_that_it_extends(
    shop: Make, folder: Path, into: Path
) -> None:
    whole = resolved(shop(), into)
    ours, theirs = contents(whole), contents(folder)
    same = {name for name in theirs if not name.endswith(".toml") or "/" in name}
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    assert tomllib.loads(ours["schema.toml"].decode()) == tomllib.loads(
        theirs["schema.toml"].decode()
    )
    assert len(validate(whole).strategies) == len(validate(folder).strategies)


def test_a_toml_file_replaces_the_keys_that_it_has(shop: Make, folder: Path, into: Path) -> None:
    given = {"page.toml": "diversity = 0.5\n", "understanding.toml": "[types]\nbike = ['bikes']\n"}
    whole = resolved(shop('language = "type"\n', **given), into)
    page = tomllib.loads((whole / "page.toml").read_text())
    base = tomllib.loads((folder / "page.toml").read_text())
    assert page == {**base, "diversity": 0.5}
    words = tomllib.loads((whole / "understanding.toml").read_text())
    assert words["types"] == {"bike": ["bikes"]}
    assert words["stop_words"]["en"]
    assert tomllib.loads((whole / "schema.toml").read_text())["language"] == "type"


def test_a_patch_changes_parts_of_a_json_file(shop: Make, folder: Path, into: Path) -> None:
    patch = '{"mappings": {"properties": {"weight": {"type": "float"}, "enrichment": null}}}'
    whole = resolved(shop(**{"indexes/entities.patch.json": patch}), into)
    changed = json.loads((whole / "indexes" / "entities.json").read_text())["mappings"]
    base = json.loads((folder / "indexes" / "entities.json").read_text())["mappings"]
    assert changed["properties"]["weight"] == {"type": "float"}
    assert "enrichment" not in changed["properties"]
    assert changed["properties"]["name"] == base["properties"]["name"]
    assert not (whole / "indexes" / "entities.patch.json").exists()


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": 1}, {"a": None}, {"b": 1}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "b"}, ["c"], ["c"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_as_its_standard_says(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def test_a_strategy_of_the_same_name_replaces_the_whole_of_it(
    shop: Make, folder: Path, into: Path
) -> None:
    other = "strategies/fresh/strategy.toml"
    whole = resolved(shop(**{other: "description = 'x'\n"}), into)
    assert [path.name for path in (whole / "strategies" / "fresh").iterdir()] == ["strategy.toml"]
    assert (whole / "strategies" / "lexical" / "template.mustache").exists()


def test_strategies_can_be_left_out_with_their_weights(shop: Make, into: Path) -> None:
    whole = resolved(shop('without = ["fresh", "fuzzy"]\n'), into)
    names = {strategy.name for strategy in validate(whole).strategies}
    assert "lexical" in names
    assert not names & {"fresh", "fuzzy"}


def test_a_chain_of_folders_is_followed(shop: Make, folder: Path, into: Path) -> None:
    shop('without = ["fresh"]\n', **{"page.toml": "diversity = 0.5\n"})
    end = folder.parent / "end"
    end.mkdir()
    (end / "schema.toml").write_text('extends = "../shop"\nwithout = ["fuzzy"]\n')
    whole = resolved(end, into)
    assert not {"fresh", "fuzzy"} & {path.name for path in (whole / "strategies").iterdir()}
    assert tomllib.loads((whole / "page.toml").read_text())["diversity"] == 0.5
    assert [origin.name for origin in origins(whole)] == ["end", "shop", "opensearch"]
    assert edited(whole) == end


def test_the_same_files_give_the_same_folder_and_a_change_gives_another(
    shop: Make, into: Path
) -> None:
    first = resolved(shop(), into)
    assert resolved(shop(), into) == first
    assert resolved(first, into) == first
    before = contents(first)
    assert resolved(shop("", **{"page.toml": "diversity = 0.5\n"}), into) != first
    assert contents(first) == before
    assert not [path for path in into.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ('extends = "../nowhere"\n', "schema.toml: extends: '../nowhere' is no assets folder"),
        ('extends = "."\n', "cannot extend each other"),
        ("extends = 3\n", "must be the path"),
        ('extends = "../opensearch"\nwithout = ["fresch"]\n', "did you mean 'fresh'?"),
        ('extends = "../opensearch"\nwithout = "fresh"\n', "must be a list of strategies"),
    ],
)
def test_a_base_or_a_strategy_that_is_not_there_is_named(
    shop: Make, into: Path, schema: str, says: str
) -> None:
    made = shop()
    (made / "schema.toml").write_text(schema)
    assert says in problem_of(made, into)


def test_folders_that_extend_each_other_are_refused(shop: Make, folder: Path, into: Path) -> None:
    made = shop()
    base = folder / "schema.toml"
    base.write_text('extends = "../shop"\n' + base.read_text())
    said = problem_of(made, into)
    assert said.startswith("../opensearch/schema.toml: extends:")
    assert "leads back" in said


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("indexes/no.patch.json", "{}", "indexes/no.patch.json: there is no indexes/no.json"),
        ("indexes/entities.patch.json", "{", "indexes/entities.patch.json: line 1: not JSON"),
        ("page.toml", "diversity =", "page.toml: not TOML"),
    ],
)
def test_a_file_that_cannot_be_merged_is_named(
    shop: Make, into: Path, file: str, text: str, says: str
) -> None:
    assert says in problem_of(shop(**{file: text}), into)


def test_problems_name_the_file_that_a_person_would_edit(
    shop: Make, folder: Path, into: Path
) -> None:
    mapping = '{"mappings": {"properties": {"popularity": {"type": "no_such_type"}}}}'
    made = shop(
        'sparse = "no_such_field"\n',
        **{
            "strategies/mine/strategy.toml": "description = 'x'\nfamily = 'x'\n",
            "indexes/entities.patch.json": mapping,
        },
    )
    (folder / "strategies" / "lexical" / "cases.json").write_text("[]")
    with pytest.raises(InvalidAssets) as caught:
        validate(resolved(made, into))
    files = {problem.file for problem in caught.value.problems}
    assert "schema.toml" in files
    assert "strategies/mine/template.mustache" in files
    assert "../opensearch/strategies/lexical/cases.json" in files
    assert not {file for file in files if "cache" in file}


def test_the_settings_name_the_whole_folder_and_the_checkout_stays_that_of_the_edited_one(
    shop: Make, tmp_path: Path
) -> None:
    made = shop()
    settings = Settings.from_env({"LTRR_ASSETS": str(made), "LTRR_CACHE": str(tmp_path / "cache")})
    assert settings.assets.parent == tmp_path / "cache" / "assets"
    assert edited(settings.assets) == made
    plain = Settings.from_env({"LTRR_ASSETS": str(made.parent / "opensearch")})
    assert find_places(settings).state == find_places(plain).state
