"""A strategy that keeps failing is left alone, tried now and then, and used again."""

from __future__ import annotations

import pytest

from bandit_service.breakers import LEFT_OUT, Breakers, Limits
from plugin.model import Hit, Retrieved
from plugin.rewriting import Eligible
from plugin.strategies import Strategy

LIMITS = Limits(in_a_row=3, rate=0.5, runs=4, wait_s=10, longest_wait_s=25)


def strategy(name: str) -> Strategy:
    return Strategy(name, "", "words", ("entities",), frozenset(), 1, 1.0, (), "entities", "")


BOTH = (strategy("broken"), strategy("sound"))


class World:
    """Breakers on a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breakers = Breakers(LIMITS, clock=lambda: self.now)

    def fails(self, times: int = 1, name: str = "broken") -> None:
        for _ in range(times):
            self.breakers.note(Retrieved(name, error="500 boom"))

    def works(self, name: str = "broken") -> None:
        self.breakers.note(Retrieved(name))

    def names(self) -> list[str]:
        return [one.name for one in self.breakers.sift(Eligible(BOTH, {}), []).strategies]


@pytest.fixture
def world() -> World:
    return World()


def test_failures_in_a_row_open_it_and_that_is_told(world: World) -> None:
    world.fails(2)
    assert world.names() == ["broken", "sound"]
    world.fails()
    assert world.breakers.state("broken") == "open"
    trouble: list[str] = []
    kept = world.breakers.sift(Eligible(BOTH, {"dense": "needs vector"}), trouble)
    assert [one.name for one in kept.strategies] == ["sound"]
    assert kept.left_out == {"dense": "needs vector", "broken": LEFT_OUT}
    assert trouble == [f"broken: {LEFT_OUT}"]


def test_half_of_the_runs_failing_opens_it(world: World) -> None:
    for _ in range(2):
        world.works()
        world.fails()
    assert world.breakers.state("broken") == "open"


def test_what_brought_something_did_not_fail(world: World) -> None:
    for _ in range(5):
        world.breakers.note(Retrieved("broken", (Hit("a", 1.0),), error="1 shards failed"))
    assert world.breakers.state("broken") == "closed"


def test_one_trial_at_a_time_closes_it_when_it_works(world: World) -> None:
    world.fails(3)
    assert world.breakers.trial(BOTH) is None
    world.now = 10
    assert world.breakers.state("broken") == "half_open"
    assert world.breakers.trial(BOTH) == BOTH[0]
    assert world.breakers.trial(BOTH) is None
    assert world.names() == ["sound"]
    world.works()
    assert world.names() == ["broken", "sound"]
    world.fails(2)  # it starts from nothing again
    assert world.names() == ["broken", "sound"]


def test_a_trial_that_fails_waits_for_twice_as_long_up_to_a_bound(world: World) -> None:
    world.fails(3)
    for wait in (10, 20, 25, 25):
        world.now += wait - 1
        assert world.breakers.trial(BOTH) is None
        world.now += 1
        assert world.breakers.trial(BOTH) == BOTH[0]
        world.fails()


def test_where_everything_fails_everything_is_asked(world: World) -> None:
    world.fails(3, "broken")
    world.fails(3, "sound")
    assert world.names() == ["broken", "sound"]
    world.works("sound")
    assert world.names() == ["sound"]
