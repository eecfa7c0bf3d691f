"""`ltrr tune` writes the baselines that `LTRR_POLICY=tuned|pair|triple` serves."""

from __future__ import annotations

import random
import shutil
import tomllib
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from test_study import ASSETS, recorded

from ltrr.cli import cli
from ltrr.settings import Settings
from ltrr.wiring import policy_maker
from plugin.assets.baseline import load_baseline, with_tables
from plugin.strategies import load_strategies

__all__ = ["recorded"]


def tuned(recorded: tuple[Settings, Path], assets: Path, *options: str) -> Result:
    settings, data = recorded
    given = {
        "LTRR_CACHE": str(settings.cache),
        "LTRR_STATE": str(settings.state),
        "LTRR_ASSETS": str(assets),
    }
    command = ["tune", "--data", str(data), *options]
    return CliRunner().invoke(cli, command, env=given, catch_exceptions=False)


def test_the_tables_are_printed_and_nothing_is_written(recorded: tuple[Settings, Path]) -> None:
    before = (ASSETS / "baseline.toml").read_bytes()
    answer = orjson.loads(tuned(recorded, ASSETS, "--json").stdout)
    assert {name: len(table) for name, table in answer["tables"].items()}["pair"] == 2
    assert max(answer["tables"]["tuned"], key=answer["tables"]["tuned"].get) == "lexical"
    assert answer["reached"]["tuned"] > answer["reached"]["uniform"]
    assert answer["queries"] == 60
    assert tomllib.loads(tuned(recorded, ASSETS).stdout) == answer["tables"]
    assert (ASSETS / "baseline.toml").read_bytes() == before


def test_what_is_written_is_served(recorded: tuple[Settings, Path], tmp_path: Path) -> None:
    assets = tmp_path / "opensearch"
    shutil.copytree(ASSETS, assets)
    tuned(recorded, assets, "--write")
    answer = orjson.loads(tuned(recorded, assets, "--write", "--json").stdout)
    strategies = load_strategies(assets)
    names = [one.name for one in strategies]
    assert load_baseline(assets, names) == load_baseline(ASSETS, names)
    for policy in ("tuned", "pair", "triple"):
        settings = Settings.from_env({"LTRR_ASSETS": str(assets), "LTRR_POLICY": policy})
        serving = policy_maker(settings, strategies)()
        decision = serving.decide({}, {name: {} for name in names}, random.Random(1))
        assert {one.strategy for one in decision.included} == set(answer["tables"][policy])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "\n\n[pair]\na = 1.0\n"),
        ("# Why.\n[weights]\na = 1\n", "# Why.\n[weights]\na = 1\n\n[pair]\na = 1.0\n"),
        (
            "[pair]\nb = 2\n# its\n\n[weights]\n# kept\na = 1\n",
            "[weights]\n# kept\na = 1\n\n[pair]\na = 1.0\n",
        ),
    ],
)
def test_a_table_replaces_the_earlier_one_and_leaves_the_rest(before: str, after: str) -> None:
    told = with_tables(before, {"pair": {"a": 1.0}})
    assert told == after.lstrip("\n")
    assert with_tables(told, {"pair": {"a": 1.0}}) == told
