"""What drills of several seeds amount to."""

from __future__ import annotations

from ltrr.evaluating.drilling import over_seeds


def test_numbers_are_means_and_names_are_listed_once() -> None:
    one = {"drift": {"gone_at": 20, "strategy": "lexical", "lost": 0.5}}
    other = {"drift": {"gone_at": 40, "strategy": "dense", "lost": 0.25}}
    expected = {"gone_at": 26.6667, "strategy": "lexical, dense", "lost": 0.4167}
    assert over_seeds([one, other, one], "drift") == expected


def test_what_one_seed_never_reached_is_no_number_and_says_how_many_did_not() -> None:
    drilled = [{"drift": {"gone_at": at}} for at in (20, None, None)]
    assert over_seeds(drilled, "drift") == {"gone_at": None, "gone_at_missed": 2}


def test_without_drills_there_is_no_row() -> None:
    assert over_seeds([], "noise") is None
