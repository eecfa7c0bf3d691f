"""The query basis: fitted once enough was asked, promoted through the journal, used by sidecars."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from corner import Corner

from bandit_service.features.basis import FEWEST, KIND
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.bases import BasisTrainer, ServedBasis
from plugin.encoding.base import Vectors

pytestmark = pytest.mark.integration


class Hashed:
    """An encoder: a text's vector is drawn by its hash, around one of two centres."""

    dimensions = 24
    version = "hashed"

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: list[str]) -> Vectors:
        self.texts += texts
        rows = [np.random.default_rng(sum(text.encode())).normal(size=24) for text in texts]
        return np.asarray(rows, np.float32)


def trainer(corner: Corner, encoder: Hashed) -> BasisTrainer:
    return BasisTrainer(corner.cluster, encoder, lambda: datetime.now(UTC))


def ask(corner: Corner, first: int, last: int, *, learn: bool = True) -> None:
    for number in range(first, last):
        body = {"query": f"text {number}", "memory_key": f"k{number}", "context": {}, "choices": []}
        entry = corner.entry(f"q{number}:d", "decision", body, "s")
        corner.spool.append(replace(entry, learn=learn))
    corner.shipper.ship()
    corner.cluster.request("POST", f"/{corner.cluster.name('journal')}-*/_refresh")


def test_it_is_fitted_once_promoted_and_followed(corner: Corner) -> None:
    learner, encoder = corner.learner("one"), Hashed()
    ask(corner, 0, FEWEST - 1)
    ask(corner, FEWEST, FEWEST + 50, learn=False)
    fitting = trainer(corner, encoder)
    assert not fitting.step(learner)  # nobody leads yet
    learner.catch_up(threading.Event())
    assert not fitting.step(learner)  # too few were asked: monitors do not count
    served = ServedBasis(lambda: learner.models, Artefacts(corner.cluster).find)
    assert served() is None
    ask(corner, FEWEST + 50, FEWEST + 60)
    assert fitting.step(learner)
    assert len(encoder.texts) == FEWEST + 9
    learner.catch_up(threading.Event())
    assert KIND in learner.models
    basis = served()
    assert basis is not None
    assert len(basis.reduce(tuple(encoder.encode(["love"])[0].tolist()))) == 12
    # Another trainer, later: there is one already.
    assert trainer(corner, encoder).step(learner)
    assert len(encoder.texts) == FEWEST + 10
