"""What can be shown is listed once; logs drawn from it and sums over it agree."""

from __future__ import annotations

import random

import pytest
from small_loop import HOLDOUT, run, world

from bandit_service.evaluation.loop.logs import KnownArms, Listed, Only, Sessions, listed
from bandit_service.evaluation.loop.people import PositionBased
from bandit_service.evaluation.loop.world import World
from bandit_service.evaluation.off_policy.evaluate import Evaluation
from bandit_service.learner.credit import Grades
from bandit_service.policies.exploration import Exploration
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.vw import VwValueModel

NOTHING = Exploration(floor=0, cap=1, everything=0, holdout=0, raised=0)
MUCH = Exploration(floor=0.3, cap=0.5, holdout=0)


def policy(world: World, exploration: Exploration, *only: str) -> Explorer:
    made = Explorer(VwValueModel(), HOLDOUT, exploration, rule=Only(only) if only else None)
    made.load(world.state.policy.dump())
    return made


@pytest.fixture(scope="module")
def still() -> World:
    made = world()
    run(made, 60)
    return made


@pytest.fixture(scope="module")
def queries(still: World) -> list[Listed]:
    return listed(still, still.recorded.judged[:10], lambda ran: policy(still, NOTHING, *ran))


def test_every_subset_has_its_page(still: World, queries: list[Listed]) -> None:
    names = {strategy.name for strategy in still.strategies}
    assert len(names) == 4
    for one in queries:
        assert len(one.pages) == 2**4 - 1
        assert one.pages.keys() >= {frozenset({"right"}), frozenset(names)}
        assert one.values.keys() == names
    assert any(len(set(one.pages.values())) > 3 for one in queries)


def test_a_listed_page_is_the_one_that_is_served(still: World, queries: list[Listed]) -> None:
    explorer = policy(still, MUCH)
    for one in queries:
        (answer,) = still.ask([one.judged], explorer)
        assert answer.decision is not None
        ran = frozenset(choice.strategy for choice in answer.decision.included)
        assert one.pages[ran] == tuple(hit.candidate.id for hit in answer.shown)


def test_the_mean_of_a_long_log_is_the_value_that_was_counted(
    still: World, queries: list[Listed]
) -> None:
    sessions = Sessions(PositionBased(), Grades(), "rank")
    logger = KnownArms(policy(still, MUCH), queries)
    log = list(sessions.log(queries, logger, 4_000, "a log"))
    assert log == list(sessions.log(queries, logger, 4_000, "a log"))
    value = sessions.value(queries, logger, 400)
    # Four standard errors of the log and two of what was counted.
    assert sum(one.reward for one in log) / len(log) == pytest.approx(value, abs=0.04)
    right = sessions.value(queries, KnownArms(policy(still, NOTHING, "right"), queries), 400)
    noise = sessions.value(queries, KnownArms(policy(still, NOTHING, "noise"), queries), 400)
    assert right > noise + 0.1
    told = Evaluation(log).of(KnownArms(policy(still, NOTHING, "right"), queries))["dr"]
    assert told.interval is not None
    low, high = told.interval
    assert low - 0.05 < right < high + 0.05


def test_people_see_nothing_of_what_was_listed_for_others(queries: list[Listed]) -> None:
    sessions = Sessions(PositionBased(), Grades(), "grade")
    dice = random.Random(1)
    earned = {sessions.earned(queries[0], frozenset({"right"}), dice) for _ in range(50)}
    assert earned == {0.0, Grades().of("click", None)}
