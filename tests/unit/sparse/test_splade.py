"""Learned sparse vectors, on a tiny model; what cannot be loaded costs nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_catalogue import artefact

from plugin.encoding.onnx import UnknownModel
from plugin.loading import Loading
from plugin.model import Query
from plugin.sparse import CatalogueEncoder, SparseEncoder, SparseLookUp
from plugin.sparse.splade import Splade


@pytest.fixture(scope="module")
def splade(tmp_path_factory: pytest.TempPathFactory) -> Splade:
    folder = tmp_path_factory.mktemp("models") / "splade"
    script = Path(__file__).parents[1] / "make_splade.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return Splade(str(folder / "model"))


def test_documents_and_queries_get_weights_that_opensearch_takes(splade: Splade) -> None:
    empty, first, second = splade.documents([" ", "a bridge. over", "quiz"])
    assert empty == {}
    assert first != second
    for weights in (first, second, splade.query("a bridge")):
        assert weights
        assert all("." not in token and 0 < weight <= 64 for token, weight in weights.items())


def test_a_text_gets_the_same_weights_alone_and_among_others(splade: Splade) -> None:
    together = splade.documents(["bridge", "a much longer text of many words"])
    (alone,) = splade.documents(["bridge"])
    assert together[0] == pytest.approx(alone, abs=0.002)
    assert splade.query("x") == splade.query("x")


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownModel, match="LTRR_SPARSE"):
        Splade(str(tmp_path / "empty"))


def test_without_its_model_a_query_goes_on_without_sparse_weights() -> None:
    def load() -> SparseEncoder:
        raise UnknownModel("LTRR_SPARSE: it is not there")

    loading = Loading(load, "sparse retrieval")
    assert loading.wait() is None
    assert loading.error == "LTRR_SPARSE: it is not there"
    query = Query("rain", "k", datetime.now(UTC))
    assert SparseLookUp(loading.current)(query) == query


def test_the_look_up_adds_weights_to_queries_that_say_something() -> None:
    encoder = CatalogueEncoder(artefact())
    query = Query("rainy", "k", datetime.now(UTC))
    look_up = SparseLookUp(lambda: encoder)
    assert look_up(query).sparse["rainy"] > 0
    silent = replace(query, says_nothing=True)
    assert look_up(silent) == silent
