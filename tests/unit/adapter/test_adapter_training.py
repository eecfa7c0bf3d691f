"""When an adapter is fitted, promoted, and taken back."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from bandit_service.adapter.fitting import fit
from bandit_service.adapter.pairs import Pairs
from bandit_service.adapter.promoted import PromotedAdapter
from bandit_service.adapter.residual import unit
from bandit_service.adapter.training import AdapterTraining
from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.evaluation.loop.recorded import Nearest
from bandit_service.journal.reader import Position
from bandit_service.learner.fold import Rules
from bandit_service.learner.models import Fitted
from bandit_service.learner.ranking_pages import RankingPages
from bandit_service.ranking.examples import Page, Shown
from bandit_service.ranking.training import Schedule
from plugin.errors import InvalidRequest
from plugin.model import Query

SIDE, COUNT = 8, 200
DICE = np.random.default_rng(2)
TURN = np.linalg.qr(DICE.normal(size=(SIDE, SIDE)))[0]
ASKED = unit(DICE.normal(size=(COUNT, SIDE)))
CHOSEN = unit(ASKED + ASKED @ TURN)
SOON = Schedule(sessions=100, cadence=100)
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def training(*, helps: bool = True) -> AdapterTraining:
    pages = RankingPages(Rules())
    for at in range(COUNT):
        shown = (Shown(f"e{at}", 1, 0.6, {}), Shown(f"e{at + 1}", 2, 0.0, {}))
        pages.pages.append(Page(f"k{at}", {}, shown, f"text {at}"))
    pages.closed = COUNT
    entities = CHOSEN if helps else unit(DICE.normal(size=(COUNT, SIDE)))

    def queries(texts: Mapping[str, str]) -> Mapping[str, Any]:
        assert all(text == f"text {key[1:]}" for key, text in texts.items())
        return {key: ASKED[int(key[1:])] for key in texts}

    def vectors(ids: Collection[str]) -> Mapping[str, Any]:
        return {id: entities[int(id[1:])] for id in ids}

    return AdapterTraining(pages, queries, vectors, "encoder", SOON)


def promoted(data: bytes | None, encoder: str = "encoder") -> PromotedAdapter:
    adapter = PromotedAdapter(lambda _: data, encoder)
    adapter.follow({"adapter": Fitted("adapter", "a" * 64, Position(1, 1))})
    return adapter


def test_what_helps_is_promoted_and_adapts_queries() -> None:
    one = training()
    assert one.due
    fit = one.refit()
    assert [order["name"] for order in fit.orders] == ["fitted_model", "promote"]
    assert not one.due
    adapter = promoted(fit.data)
    assert adapter.ready
    query = Query("text 3", "k3", NOW, vector=tuple(ASKED[3].tolist()))
    adapted = adapter(query).adapted_vector
    assert adapted is not None
    assert adapted @ CHOSEN[3] > ASKED[3] @ CHOSEN[3] + 0.1
    assert adapter(Query("", "", NOW)).adapted_vector is None
    with pytest.raises(InvalidRequest):
        adapter(Query("x", "x", NOW, vector=(1.0, 0.0)))
    adapter.follow({})
    assert not adapter.ready


def test_what_does_not_help_is_not_promoted_and_ends_what_served() -> None:
    assert list(training(helps=False).refit().orders) == []
    one, other = training(), training(helps=False)
    orders = one.refit().orders
    for order in orders:
        other._obey(order)
    (back,) = other.refit().orders
    assert back["name"] == "roll_back"
    assert back["models"] == {"adapter": None}  # type: ignore[typeddict-item]
    assert list(other.refit().orders) == []


def test_the_same_pages_give_the_same_bytes() -> None:
    assert training().refit().data == training().refit().data


@pytest.mark.parametrize("data", [None, b"damaged"])
def test_what_is_gone_or_damaged_or_foreign_is_no_adapter(
    data: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert not promoted(data).ready
        assert not promoted(training().refit().data, "another encoder").ready
    assert len(caplog.records) == 2


def test_a_world_finds_by_the_adapted_vector_what_the_node_would() -> None:
    names = [f"e{at}" for at in range(COUNT)]
    catalogue = Catalogue({name: {} for name in names}, {}, CHOSEN.astype(np.float32))
    adapter = promoted(training().refit().data)
    nearest = Nearest(adapter, catalogue)
    query = adapter(Query("text 3", "k3", NOW, vector=tuple(ASKED[3].tolist())))
    found = nearest(query)
    assert "e3" in [hit["_id"] for hit in found[:10]]
    scores = [hit["_score"] for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert nearest(Query("", "", NOW)) == []


def test_before_anybody_chose_it_starts_from_what_was_predicted() -> None:
    asked: list[int] = []

    def predicted() -> Pairs:
        asked.append(1)
        keys = tuple(f"p{at}" for at in range(COUNT))
        return Pairs(keys, keys, ASKED, CHOSEN, np.ones(COUNT))

    pages = RankingPages(Rules())
    one = AdapterTraining(pages, lambda _: {}, lambda _: {}, "encoder", SOON, predicted)
    assert one.due
    fit = one.refit()
    assert [order["name"] for order in fit.orders] == ["fitted_model", "promote"]
    assert promoted(fit.data).ready
    assert not one.due
    pages.closed = 5  # a start is no reason to fit again on a handful of pages
    other = AdapterTraining(pages, lambda _: {}, lambda _: {}, "encoder", SOON, predicted)
    for order in fit.orders:
        other._obey(order)
    assert not other.due
    pages.closed = 100
    assert other.due
    assert len(asked) == 1


def test_predicted_pairs_help_where_few_chose() -> None:
    few = Pairs(
        tuple(f"k{at}" for at in range(60)),
        tuple(f"e{at}" for at in range(60)),
        ASKED[:60],
        CHOSEN[:60],
        np.ones(60),
    )
    keys = tuple(f"p{at}" for at in range(60, COUNT))
    more = Pairs(keys, keys, ASKED[60:], CHOSEN[60:], np.ones(COUNT - 60))
    alone, both = fit(few, "encoder"), fit(few, "encoder", more)
    assert both.predicted
    assert both.gain >= alone.gain
    assert few.joined(more, 0.5).weights.sum() == pytest.approx(90)
