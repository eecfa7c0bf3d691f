"""Two orders on one page."""

from __future__ import annotations

import random
from collections import Counter

from bandit_service.ranking.interleaving import outcome, team_draft
from plugin.model import Candidate

UP = [Candidate(f"e{at}", 1.0, ()) for at in range(12)]
DOWN = list(reversed(UP))


def test_every_candidate_is_there_once_and_teams_alternate() -> None:
    draft = team_draft(UP, DOWN, random.Random(1))
    order, teams = draft.order, draft.teams
    assert sorted(one.id for one in order) == sorted(one.id for one in UP)
    for at in range(0, 12, 2):
        assert {teams[one.id] for one in order[at : at + 2]} == {"model", "blend"}


def test_each_team_begins_half_of_the_pages() -> None:
    firsts = Counter(
        draft.teams[draft.order[0].id]
        for seed in range(400)
        for draft in [team_draft(UP, DOWN, random.Random(seed))]
    )
    assert 150 < firsts["model"] < 250


def test_equal_orders_stay_as_they_are() -> None:
    draft = team_draft(UP, UP, random.Random(1))
    assert draft.order == UP
    assert draft.swappable == []  # no coin placed anything


def test_what_a_coin_placed_is_told() -> None:
    heads, tails = (team_draft(UP, DOWN, random.Random(seed)) for seed in (1, 2))
    assert heads.swappable[0] in (("e0", "e11"), ("e11", "e0"))
    assert {frozenset(pair) for pair in heads.swappable} == {
        frozenset(pair) for pair in tails.swappable
    }
    assert len(heads.swappable) == 6


def test_orders_of_different_candidates_give_all_of_them_each_once() -> None:
    one, other = UP[:7], DOWN[:8]  # e0 … e6, and e11 … e4
    for seed in range(20):
        draft = team_draft(one, other, random.Random(seed))
        assert sorted(c.id for c in draft.order) == sorted(c.id for c in UP)
        assert {draft.teams[f"e{at}"] for at in range(4)} == {"model"}
        assert {draft.teams[f"e{at}"] for at in range(7, 12)} == {"blend"}


def test_what_both_want_next_is_said_to_be_agreed() -> None:
    first = UP[0]
    draft = team_draft([first, *UP[1:6]], [first, *UP[6:]], random.Random(1))
    assert draft.order[0] == first
    assert draft.agreed == {first.id}
    assert team_draft(UP, UP, random.Random(1)).agreed == {one.id for one in UP}
    # Of opposite orders it is clear whose each one is.
    assert team_draft(UP, DOWN, random.Random(1)).agreed == set()


def test_the_outcome_is_the_difference_of_what_was_chosen() -> None:
    teams = {"a": "model", "b": "blend", "c": "model"}
    assert outcome(teams, {"a": 0.6}) == 1.0
    assert outcome(teams, {"b": 0.6, "a": 0.6}) == 0.0
    assert outcome(teams, {"b": 0.6, "c": -0.3}) == -1.0
    assert outcome(teams, {"unknown": 1.0}) is None
    assert outcome({}, {"a": 1.0}) is None
