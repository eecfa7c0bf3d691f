"""A cross-encoder reads what the node holds of the best of a page, and the journal says so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from small_world import FixedSnapshots, Served, World, searching

from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.static import StaticPolicy
from bandit_service.policies.vw import VwValueModel
from bandit_service.ranking.reading import Reading

pytestmark = pytest.mark.integration


class LikesRain:
    """Wants what is about rain, and notes what it reads."""

    version = "rain"

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        self.read += [query, *texts]
        return [float("rainy" in text) for text in texts]


def everything(holdout: float = 0.0) -> FixedSnapshots:
    exploration = Exploration(everything=1.0 - holdout, holdout=holdout, budget=400)
    return FixedSnapshots(
        Served(Explorer(VwValueModel(), StaticPolicy({}, budget=400), exploration))
    )


def test_what_it_likes_rises_and_the_page_names_it(shared_world: World) -> None:
    model = LikesRain()
    plain = searching(shared_world.client(snapshots=everything()))("love")
    read = shared_world.client(snapshots=everything(), reading=Reading(lambda: model))
    answer = searching(read)("love")
    order = [hit["id"] for hit in answer["hits"]]
    before = [hit["id"] for hit in plain["hits"]]
    assert before.index("rainy") > order.index("rainy") == 0
    assert sorted(order) == sorted(before)
    assert answer["degraded"] == []
    assert model.read[0] == "love"
    assert "Love Story, Taylor Swift" in model.read
    page = shared_world.journal.first_page(answer["query_id"])
    assert page.body["ranker_version"] == "blend and rain"


def test_the_permanent_baseline_and_pages_of_nothing_are_not_read(shared_world: World) -> None:
    model = LikesRain()
    for snapshots, text in ((everything(holdout=1.0), "love"), (everything(), "")):
        client = shared_world.client(snapshots=snapshots, reading=Reading(lambda: model))
        assert searching(client)(text)["hits"]
    assert model.read == []


def test_without_its_model_the_page_comes_all_the_same(shared_world: World) -> None:
    client = shared_world.client(snapshots=everything(), reading=Reading(lambda: None))
    answer = searching(client)("love")
    assert answer["hits"]
    assert answer["degraded"] == ["cross_encoder"]


def test_when_the_budget_is_spent_it_is_skipped(shared_world: World) -> None:
    class Slow(LikesRain):
        def scores(self, query: str, texts: Sequence[str]) -> list[float]:
            super().scores(query, texts)
            raise AssertionError("there is no time for this")

    reading = Reading(Slow)
    reading._usual_s = 60.0
    client = shared_world.client(snapshots=everything(), reading=reading)
    assert searching(client)("love")["degraded"] == ["cross_encoder"]
