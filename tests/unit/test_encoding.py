"""The encoder: exported once, equal to the model it was made from, and clear about bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from plugin.encoding import CachedEncoder, OnnxEncoder
from plugin.encoding.base import Vectors, clean
from plugin.encoding.onnx import UnknownModel, locate
from plugin.errors import InvalidRequest, LtrrError

DEFAULT = "all-MiniLM-L6-v2"
TEXTS = [
    "tayler love",
    "Shake It Off by Taylor Swift",
    "DON'T, Ünïcode? 夜に駆ける 🎵",
    "a b c " * 2000,
    "x",
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models and reference vectors, made by torch in a process of its own."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "texts.json").write_text(json.dumps(TEXTS))
    script = Path(__file__).with_name("make_models.py")
    subprocess.run([sys.executable, str(script), str(folder)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(cache: Path) -> OnnxEncoder:
    """The default encoder, asked for by two threads at once in an empty cache."""
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda name: OnnxEncoder(name, cache), [DEFAULT, DEFAULT])
    assert first.version == second.version
    return first


def test_two_that_ask_at_once_share_one_export(encoder: OnnxEncoder, cache: Path) -> None:
    folders = [path for path in cache.iterdir() if path.is_dir()]
    assert [path.name.rpartition("-")[0] for path in folders] == [DEFAULT]


def test_the_export_gives_the_vectors_of_the_model(encoder: OnnxEncoder, models: Path) -> None:
    assert encoder.dimensions == 384
    assert np.abs(encoder.encode(TEXTS) - np.load(models / "default.npy")).max() < 1e-5


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: OnnxEncoder) -> None:
    many = [f"query number {index} " * (index % 7 + 1) for index in range(70)]
    together = encoder.encode(many)
    alone = np.concatenate([encoder.encode([text]) for text in many])
    assert np.abs(together - alone).max() < 1e-5


def test_vectors_are_float32_of_unit_length(encoder: OnnxEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_give_no_vectors(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_the_name_with_its_organisation_is_the_same_model(
    encoder: OnnxEncoder, cache: Path
) -> None:
    again = OnnxEncoder("sentence-transformers/all-MiniLM-L6-v2", cache)
    assert again.version == encoder.version
    assert again.version.startswith("all-MiniLM-L6-v2@")


def test_what_is_beyond_the_models_reach_changes_nothing(encoder: OnnxEncoder) -> None:
    long = "word " * 2000
    assert len(long) == 10_000
    assert encoder.encode([long]) == pytest.approx(encoder.encode(["word " * 300]), abs=1e-6)


def test_lone_surrogates_are_read_as_unknown_characters(encoder: OnnxEncoder) -> None:
    assert np.isfinite(encoder.encode(["half a \ud83d face"])).all()


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_text_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(InvalidRequest, match="text 1 is empty"):
        clean(["a", text])


def test_serving_an_export_imports_neither_torch_nor_transformers(
    encoder: OnnxEncoder, cache: Path
) -> None:
    program = (
        "import sys; from pathlib import Path; from plugin.encoding import OnnxEncoder;"
        f"OnnxEncoder({DEFAULT!r}, Path({str(cache)!r})).encode(['a']);"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))"
    )
    assert run(program).strip() == "[]"


def test_a_model_with_other_modules_runs_whole_and_a_killed_export_is_made_again(
    models: Path, cache: Path
) -> None:
    program = (
        "import json, numpy, sys; from pathlib import Path;"
        "from plugin.encoding import OnnxEncoder;"
        f"models = Path({str(models)!r});"
        f"encoder = OnnxEncoder(str(models / 'dense'), Path({str(cache)!r}));"
        "found = encoder.encode(json.loads((models / 'texts.json').read_text()));"
        "print(encoder.dimensions, numpy.abs(found - numpy.load(models / 'dense.npy')).max())"
    )
    killed = subprocess.Popen([sys.executable, "-c", program], process_group=0)
    deadline = time.monotonic() + 60
    while not list(cache.glob("*.partial")) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    # However far it had come, nothing bears the name of a finished export.
    assert [path.suffix for path in cache.glob("dense-*") if path.is_dir()] == [".partial"]

    dimensions, difference = run(program).split()
    assert dimensions == "8"
    assert float(difference) < 1e-5


def run(program: str) -> str:
    """The standard output of a Python program; its error output is in the failure otherwise."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_model_that_nobody_has_is_an_error_that_names_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UnknownModel, match="Set LTRR_ENCODER to a folder") as caught:
        OnnxEncoder("nobody/no-such-model", tmp_path)
    assert "no-such-model" in caught.value.message
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


@pytest.mark.parametrize("model", ["", "./nowhere", "/no/such/folder"])
def test_a_path_where_nothing_is_is_refused_at_once(model: str) -> None:
    with pytest.raises(LtrrError, match="LTRR_ENCODER"):
        locate(model)


def test_a_folder_without_a_model_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="holds no model"):
        locate(str(tmp_path))


class CountingEncoder:
    """Vectors from the text's length; remembers what it was asked."""

    dimensions = 2
    version = "counting@1"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            self.asked.append(list(texts))
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_the_cache_asks_for_each_missing_text_once() -> None:
    inner = CountingEncoder()
    cached = CachedEncoder(inner, 10)
    assert cached.encode(["a", "bb", "a"]).tolist() == [[1, 1], [2, 1], [1, 1]]
    assert cached.encode(["bb", "ccc"]).tolist() == [[2, 1], [3, 1]]
    assert inner.asked == [["a", "bb"], ["ccc"]]
    assert (cached.dimensions, cached.version) == (2, "counting@1")


def test_the_cache_forgets_what_was_used_longest_ago() -> None:
    inner = CountingEncoder()
    cached = CachedEncoder(inner, 2)
    for text in ("a", "b", "a", "c", "a", "b"):
        cached.encode([text])
    assert inner.asked == [["a"], ["b"], ["c"], ["b"]]


def test_a_batch_larger_than_the_cache_is_answered_whole() -> None:
    texts = ["a" * length for length in range(1, 9)]
    assert CachedEncoder(CountingEncoder(), 3).encode(texts)[:, 0].tolist() == list(range(1, 9))


def test_changing_an_answer_does_not_change_what_is_cached() -> None:
    cached = CachedEncoder(CountingEncoder(), 3)
    cached.encode(["a"])[0, 0] = 99
    assert cached.encode(["a"])[0, 0] == 1


def test_no_texts_from_the_cache_are_an_empty_array() -> None:
    assert CachedEncoder(CountingEncoder(), 3).encode([]).shape == (0, 2)


def test_many_threads_may_share_the_cache() -> None:
    cached = CachedEncoder(CountingEncoder(), 5)
    texts = [["a" * (index % 9 + 1)] for index in range(500)]
    with ThreadPoolExecutor(8) as threads:
        found = [vectors[0, 0] for vectors in threads.map(cached.encode, texts)]
    assert found == [len(text[0]) for text in texts]
