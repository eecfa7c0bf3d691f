"""A whole study and `ltrr simulate --recorded`, over a small recording that is in the cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from small_recording import small_catalogue, small_recording

from bandit_service.evaluation.judgments import Judged
from ltrr.cli import cli
from ltrr.commands.judgments import fields_of
from ltrr.evaluating.ablations import CHANGES, ablation
from ltrr.evaluating.estimating import estimates
from ltrr.evaluating.plots import draw
from ltrr.evaluating.queries import Options
from ltrr.evaluating.recording import recording_folder
from ltrr.evaluating.study import study
from ltrr.evaluating.table import table
from ltrr.settings import Settings
from plugin.errors import InvalidRequest

ASSETS = Path(__file__).parents[3] / "opensearch"
KEYS = {
    "never_clicked", "repeated", "served", "cost", "early", "drift", "noise", "regret", "ope",
    "click_model", "seeds",
}  # fmt: skip


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Settings, Path]:
    """Settings whose cache holds the recording of a dataset, and that dataset."""
    settings = replace(Settings.from_env({}), cache=tmp_path / "cache", state=tmp_path / "state")
    recording, judged = small_recording(60, names=("fuzzy", "dense", "lexical"))
    data = _written(tmp_path / "data", judged)
    folder = recording_folder(settings, data)
    recording.save(folder / "queries.npz")
    small_catalogue(recording).save(folder / "entities.npz")
    return settings, data


def test_a_study_has_every_key_and_says_what_it_did_not_measure(
    recorded: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, data = recorded
    result = study(settings, Options(data, sessions=120, seeds=1, short=True, at_once=1))
    assert result.keys() >= KEYS
    assert set(result["not_measured"]) == {"drift", "noise", "ope", "ablations"}
    row = result["never_clicked"]["all"]
    assert row["t"] == pytest.approx(row["full"] / row["static_trained"], abs=1e-3)
    assert list(row["curve"]) == ["100", "120"]
    assert 0 < result["cost"]["candidates_share"] <= 1
    assert result["strategies"] == ["dense", "fuzzy", "lexical"]
    orjson.dumps(result)
    assert "not measured" in table(result)
    (picture,) = draw(result, tmp_path / "plots")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_off_policy_estimates_are_held_against_what_is_true(
    recorded: tuple[Settings, Path],
) -> None:
    settings, data = recorded
    options = Options(data, sessions=160, seeds=1)
    short = estimates(settings, options, logs=2, sessions=100)
    assert short == estimates(settings, options, logs=2, sessions=100)
    # Two of the policies earn .17 and .19: six logs do not tell them apart.
    row = estimates(settings, options, logs=24, sessions=800)
    assert row["coverage"] >= 4 / 6
    assert row["kendall_tau"] >= 0.8
    assert row["broken"] not in list(row["policies"])[-1].split()
    assert len(row["policies"]) == 4  # five where there are four strategies or more
    assert row["estimators"].keys() >= {"ips", "snips", "dr", "pi", "pi_dr"}
    orjson.dumps(row)


def test_what_is_switched_off_is_off(recorded: tuple[Settings, Path]) -> None:
    settings, data = recorded
    options = Options(data, sessions=60, seeds=1)
    usual = ablation(settings, options, "nothing")
    assert usual["sessions"] == 30
    assert usual == ablation(settings, options, "nothing")
    assert ablation(settings, options, "uniform instead of the policy") != usual
    assert set(CHANGES) >= {"no memory", "least squares"}


def test_simulated_sessions_over_recordings_from_the_command_line(
    recorded: tuple[Settings, Path],
) -> None:
    settings, data = recorded
    command = ["simulate", "--recorded", str(data), "--sessions", "60", "--seed", "0", "--json"]
    given = {"LTRR_CACHE": str(settings.cache), "LTRR_STATE": str(settings.state)}
    answer = CliRunner().invoke(cli, command, env=given, catch_exceptions=False)
    summary = orjson.loads(answer.stdout)
    assert summary["simulated"] is True
    assert summary["sessions"] == 60
    assert summary["ndcg_last_third"] > 0.3


def test_fields_are_pairs() -> None:
    assert fields_of(("by=metadata.author",)) == {"by": "metadata.author"}
    with pytest.raises(InvalidRequest, match="--field"):
        fields_of(("author",))


def _written(folder: Path, judged: list[Judged]) -> Path:
    """``judged`` in BEIR layout. What entities say is of no interest: they are recorded."""
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "e1", "title": "one", "text": ""}\n')
    lines = [orjson.dumps({"_id": one.id, "text": one.text}) for one in judged]
    (folder / "queries.jsonl").write_bytes(b"\n".join(lines))
    pairs = [f"{one.id}\t{entity}\t1" for one in judged for entity in one.grades]
    (folder / "qrels" / "train.tsv").write_text("\n".join(["query\tentity\tgrade", *pairs]))
    return folder
