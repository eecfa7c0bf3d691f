"""A cross-encoder by name or folder, on a tiny model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plugin.cross_encoder import NamedCrossEncoder
from plugin.encoding.onnx import UnknownModel


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> NamedCrossEncoder:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    script = Path(__file__).with_name("make_cross_encoder.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return NamedCrossEncoder(str(folder))


def test_each_text_gets_a_score_of_its_own(encoder: NamedCrossEncoder) -> None:
    scores = encoder.scores("a bridge", ["over the river", "quiz", "\ud800 half a letter", ""])
    assert len({round(score, 6) for score in scores}) == 4
    assert encoder.scores("another", ["quiz"]) != [scores[1]]
    assert encoder.scores("a bridge", []) == []
    assert encoder.version == "cross@tiny"


def test_a_text_gets_the_same_score_alone_and_among_others(encoder: NamedCrossEncoder) -> None:
    (alone,) = encoder.scores("a bridge", ["quiz"])
    together = encoder.scores("a bridge", ["a much longer text " * 500, "quiz"])
    assert together[1] == pytest.approx(alone, abs=1e-4)


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownModel, match="LTRR_CROSS_ENCODER"):
        NamedCrossEncoder(str(tmp_path / "empty"))
