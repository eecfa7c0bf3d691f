"""What a query adapter promises, however it was fitted."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import psutil
import pytest

from bandit_service.adapter.fitting import Fitted, closed_form, fit
from bandit_service.adapter.pairs import Pair, Pairs, chosen_pairs
from bandit_service.adapter.residual import Adapter, Numbers, unit
from bandit_service.policies.rls import RlsValueModel
from bandit_service.ranking.examples import Page, Shown
from plugin.errors import BrokenState, InvalidRequest

SIDE = 16
DICE = np.random.default_rng(5)
TURN = np.linalg.qr(DICE.normal(size=(SIDE, SIDE)))[0]


def pairs(count: int = 300, noise: float = 0.3, *, related: bool = True) -> Pairs:
    """Queries stand where their entities are, but turned half of the way."""
    dice = np.random.default_rng(11)
    queries = unit(dice.normal(size=(count, SIDE)))
    entities = unit(queries + queries @ TURN) if related else dice.normal(size=(count, SIDE))
    entities = unit(entities + noise * dice.normal(size=entities.shape) / math.sqrt(SIDE))
    keys = tuple(f"q{at}" for at in range(count))
    return Pairs(keys, tuple(f"e{at}" for at in range(count)), queries, entities, np.ones(count))


def fitted() -> Adapter:
    adapter = fit(pairs(), "encoder").adapter
    assert adapter is not None
    return adapter


def by_closed_form() -> Adapter:
    return Adapter(closed_form(pairs(), 0.01), "encoder")


ADAPTERS: dict[str, Callable[[], Adapter]] = {"fitted": fitted, "closed form": by_closed_form}
every_adapter = pytest.mark.parametrize("make", ADAPTERS.values(), ids=ADAPTERS)


@every_adapter
def test_the_same_pairs_give_the_same_bytes(make: Callable[[], Adapter]) -> None:
    assert make().dump() == make().dump()


@every_adapter
def test_a_loaded_adapter_maps_identically(make: Callable[[], Adapter]) -> None:
    adapter = make()
    again = Adapter.load(adapter.dump())
    vectors = pairs().queries
    assert (again.adapt(vectors) == adapter.adapt(vectors)).all()
    assert again.one(vectors[0]) == adapter.one(vectors[0])
    assert (again.dump(), again.encoder) == (adapter.dump(), "encoder")


@every_adapter
def test_queries_move_towards_what_is_chosen(make: Callable[[], Adapter]) -> None:
    there = pairs()
    before = np.einsum("ij,ij->i", there.queries, there.entities).mean()
    moved = make().adapt(there.queries)
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1.0)
    assert np.einsum("ij,ij->i", moved, there.entities).mean() > before + 0.1


@every_adapter
@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e9])
def test_hostile_vectors_are_refused(make: Callable[[], Adapter], bad: float) -> None:
    adapter = make()
    with pytest.raises(InvalidRequest):
        adapter.one([bad, *[0.0] * (SIDE - 1)])
    for missing in ([1.0] * (SIDE - 1), []):
        with pytest.raises(InvalidRequest):
            adapter.one(missing)
    there = pairs()
    for name in ("queries", "entities", "weights"):
        numbers: Numbers = getattr(there, name).copy()
        numbers.flat[3] = bad
        with pytest.raises(InvalidRequest):
            replace(there, **{name: numbers})


@every_adapter
def test_damaged_or_foreign_adapters_are_refused(make: Callable[[], Adapter]) -> None:
    data = make().dump()
    foreign = RlsValueModel().dump()
    for bad in (data[:-10], b"", b"PK\x03\x04", data[:40] + b"x" + data[41:], data[5:], foreign):
        with pytest.raises(BrokenState):
            Adapter.load(bad)


@every_adapter
def test_memory_stays_flat(make: Callable[[], Adapter]) -> None:
    vector = pairs().queries[0]

    def grown(fits: int) -> int:
        for _ in range(fits):
            adapter = Adapter.load(make().dump())
            for _ in range(100):
                adapter.one(vector)
        gc.collect()
        return int(psutil.Process(os.getpid()).memory_info().rss)

    before = grown(3)
    assert grown(12) - before < 8 * 2**20


def test_what_does_not_help_on_queries_left_out_is_off() -> None:
    none: Fitted = fit(pairs(noise=0.0, related=False), "encoder")
    assert none.adapter is None
    assert none.gain <= 2.33 * none.error
    assert fit(pairs(20), "encoder").adapter is None  # too few to tell


def test_contrastive_steps_improve_on_the_start() -> None:
    there = pairs(400, noise=1.0)
    assert fit(there, "encoder").gain > 0


def test_pairs_weigh_by_the_square_of_what_is_above_half_the_usual_rate() -> None:
    def page(key: str, grades: dict[str, float]) -> Page:
        shown = [Shown(id, at, grade, {}) for at, (id, grade) in enumerate(grades.items(), 1)]
        return Page(key, {}, tuple(shown))

    pages = [page("a", {"x": 1.0, "y": 0.0}), page("b", {"y": 0.0, "x": 0.0})]
    pages += [page("a", {"x": 1.0, "y": 0.6}), page("", {"x": 1.0}), page("c", {"y": -1.0})]
    found = chosen_pairs(pages, lambda _: 1.0)
    usual = (1 + 1 + 0.6 + 1 - 1) / 8
    expected = [("x", 2.0), ("y", 0.6)]
    assert [(one.query, one.entity) for one in found] == [("a", "x"), ("a", "y")]
    for one, (_, clicks) in zip(found, expected, strict=True):
        assert one.weight == pytest.approx(((clicks + usual) / 3 - usual / 2) ** 2)
    assert isinstance(found[0], Pair)
