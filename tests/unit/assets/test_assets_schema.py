"""The schema gives parts their fields, and joins what the encoder reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.assets.baseline import load_baseline
from plugin.assets.problems import InvalidAssets
from plugin.assets.schema import load_schema
from plugin.strategies import load_strategies


def test_a_schema_without_the_optional_parts_has_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text(
        'type="kind"\nname="title"\ntext=["title","body"]\nvector="v"\nmemory="m"\n'
        'predicted_queries="p"\n'
    )
    schema = load_schema(tmp_path)
    assert schema.popularity is None
    assert schema.facets == ()
    assert ("text", "body") in schema.named()


def test_the_embedding_text_joins_values_in_order_and_passes_over_what_is_not_there(
    folder: Path,
) -> None:
    document = {
        "text": "last",
        "name": ["One", None, "", "  Two "],
        "by": [],
        "part_of": None,
        "categories": [1999],
    }
    assert load_schema(folder).embedding_text(document) == "One, Two, 1999, last"
    assert load_schema(folder).embedding_text({}) == ""


def test_a_schema_names_all_its_mistakes(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text('name = 3\ntext = "title"\nvectr = "v"\n')
    with pytest.raises(InvalidAssets) as caught:
        load_schema(tmp_path)
    places = {problem.place for problem in caught.value.problems}
    assert places >= {"name", "text", "type", "vector", "memory"}


def test_strategies_are_loaded_in_the_order_of_their_names(folder: Path) -> None:
    strategies = load_strategies(folder)
    names = [strategy.name for strategy in strategies]
    assert names == sorted(names)
    memory = next(strategy for strategy in strategies if strategy.name == "memory")
    assert memory.indexes == ("entities", "memory")
    assert memory.needs == {"memory_key"}
    assert memory.returns == "references"


def test_a_baseline_that_is_not_there_trusts_all_equally(tmp_path: Path) -> None:
    assert load_baseline(tmp_path, ["a", "b"]) == {"a": 0.5, "b": 0.5}


def test_baseline_weights_are_shares_and_a_strategy_not_named_counts_as_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "baseline.toml").write_text("[weights]\na = 3\n")
    assert load_baseline(tmp_path, ["a", "b"]) == {"a": 0.75, "b": 0.25}


def test_tuned_weights_are_tables_of_their_own_in_which_only_what_is_named_runs(
    tmp_path: Path,
) -> None:
    (tmp_path / "baseline.toml").write_text("[pair]\na = 3\nb = 1\n")
    assert load_baseline(tmp_path, ["a", "b", "c"], "pair") == {"a": 0.75, "b": 0.25, "c": 0.0}
    with pytest.raises(InvalidAssets, match="ltrr tune"):
        load_baseline(tmp_path, ["a", "b", "c"], "triple")


@pytest.mark.parametrize("weights", ["a = 0", "a = nan", "a = inf", "a = true"])
def test_weights_that_cannot_be_shares_are_refused(tmp_path: Path, weights: str) -> None:
    (tmp_path / "baseline.toml").write_text(f"[weights]\n{weights}\n")
    with pytest.raises(InvalidAssets, match="weights"):
        load_baseline(tmp_path, ["a"])
