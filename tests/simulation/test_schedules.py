"""Thousands of schedules, none of which may lose or double anything.

``--schedules N`` plays more, ``--seed S`` replays one. See docs/simulation.md.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from simulated_world import Play

FIRST_SEED = 1
ENOUGH = 500
HAPPENS = {"choice", "no_choice", "late", "incomplete", "fitted", "promoted", "rolled_back"}
"""In so many schedules all of this does."""


@pytest.mark.timeout(0)
def test_nothing_is_lost_and_nothing_counts_twice(
    play: Play, request: pytest.FixtureRequest
) -> None:
    seed = request.config.getoption("--seed")
    count = request.config.getoption("--schedules")
    seeds = [seed] if seed is not None else range(FIRST_SEED, FIRST_SEED + count)
    published, outcomes = 0, Counter[str]()
    for one in seeds:
        judge = play(one).invariants
        published += judge.published
        outcomes += judge.outcomes
    assert published
    if len(seeds) >= ENOUGH:
        assert outcomes.keys() >= HAPPENS


def test_a_seed_gives_the_same_schedule_again(play: Play) -> None:
    seed = random.Random(7).randrange(10_000)
    first = play(seed).scheduler.trace
    assert play(seed).scheduler.trace == first
