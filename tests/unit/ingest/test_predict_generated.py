"""What a language model writes is added to what is known, and costs nothing when it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.enrichment.generated import FIRST, MOST_GENERATED, GeneratingPredictor
from ingest.enrichment.prediction import CANDIDATES, LONGEST
from ingest.enrichment.queries import OfflinePredictor
from ingest.enrichment.t5 import T5
from plugin.assets.schema import Schema
from plugin.encoding.onnx import UnknownModel

SCHEMA = Schema(
    type="kind",
    name="title",
    text=("title", "maker"),
    vector="v",
    memory="m",
    predicted_queries="p",
    display=("kind", "title", "maker"),
)
BIKE = {"kind": "bicycle", "title": "Roadster", "maker": ["Gazelle"]}


class Writes:
    """A generator that writes what it was given, or raises it."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def generate(self, texts: Sequence[str]) -> list[list[str] | None]:
        self.asked += texts
        if isinstance(self.answer, Exception):
            raise self.answer
        return [self.answer for _ in texts]


def predicted(answer: Any, *documents: dict[str, Any]) -> tuple[list[dict[str, float]], int]:
    predictor = GeneratingPredictor(OfflinePredictor(SCHEMA), Writes(answer), SCHEMA)
    found = predictor.predict(documents or [BIKE])
    return [{one.query: one.score for one in each} for each in found], predictor.fallbacks


def test_generated_queries_stand_beside_the_offline_ones_and_below_a_name() -> None:
    (found,), fallbacks = predicted(["Dutch city bike!", "bike for commuting"])
    assert found["dutch city bike"] == FIRST
    assert 0 < found["bike for commuting"] < FIRST < found["roadster"]
    assert found["roadster gazelle"] == 0.5
    assert fallbacks == 0


def test_a_name_that_is_generated_too_keeps_its_higher_score() -> None:
    (found,), _ = predicted(["ROADSTER"])
    assert found["roadster"] == 0.4


@pytest.mark.parametrize("answer", [None, RuntimeError("out of memory")])
def test_a_failure_leaves_the_offline_predictions_and_is_counted(answer: Any) -> None:
    (first, second), fallbacks = predicted(answer, BIKE, {**BIKE, "title": "Nightrider"})
    assert "roadster" in first
    assert "nightrider" in second
    assert fallbacks == 2


def test_whatever_is_written_stays_a_bounded_text() -> None:
    nasty = [
        '{"query": {"match_all": {}}}',
        "a" * 5_000,
        "",
        "\x00\ud83d",
        "<script>alert(1)</script>",
        *(f"query {number}" for number in range(500)),
    ]
    (found,), _ = predicted(nasty)
    assert "query match all" in found
    assert "script alert 1 script" in found
    assert all(0 < len(query) <= LONGEST for query in found)
    assert len(found) <= min(CANDIDATES, len(predicted([])[0][0]) + MOST_GENERATED)


def test_documents_without_words_are_not_asked_about() -> None:
    generator = Writes(["x"])
    predictor = GeneratingPredictor(OfflinePredictor(SCHEMA), generator, SCHEMA)
    assert predictor.predict([{"kind": "bicycle"}, BIKE])[0] == ()
    assert generator.asked == ["Roadster, Gazelle"]


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> T5:
    """A tiny one that writes nonsense, but always the same."""
    folder = tmp_path_factory.mktemp("t5")
    script = Path(__file__).parents[1] / "make_t5.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return T5(str(folder))


def test_t5_writes_the_same_queries_for_a_text_alone_and_in_a_batch(t5: T5) -> None:
    texts = [f"{letter} roadster by gazelle" for letter in "abcdefghijk"]
    found = t5.generate(texts)
    assert len(found) == len(texts)
    assert all(queries for queries in found)
    assert t5.generate(texts) == found
    assert t5.generate(texts[:1])[0] == found[0]


def test_t5_reads_only_the_beginning_of_a_long_text(t5: T5) -> None:
    assert t5.generate(["word " * 100_000])[0]


def test_a_t5_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="LTRR_PREDICTOR"):
        T5(str(tmp_path))
