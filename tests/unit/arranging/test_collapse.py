"""Of what looks the same the best stands for the others."""

from __future__ import annotations

from candidates import ids, listed, values

from bandit_service.arranging.collapse import collapse

FIELDS = ("type", "name", "by")
SAME = values(
    type=dict.fromkeys("abcde", "song") | {"e": "album"},
    name=dict.fromkeys("abcde", "love story") | {"c": "love story (taylor's version)"},
    by=dict.fromkeys("abcde", "taylor swift") | {"d": "somebody else"},
)


def test_the_same_in_all_fields_is_shown_once_and_the_best_stays() -> None:
    kept, folded = collapse(listed("b c a d e"), SAME, FIELDS)
    assert ids(kept) == "b c d e"
    assert folded == {"b": ("a",)}


def test_what_lacks_a_value_is_never_the_same() -> None:
    known = values(type=dict.fromkeys("ab", "playlist"), name=dict.fromkeys("ab", "rain"))
    assert ids(collapse(listed("a b c"), known, FIELDS)[0]) == "a b c"


def test_makers_in_another_order_are_the_same_makers() -> None:
    known = values(name=dict.fromkeys("ab", "duet"), by={"a": "x,y", "b": "y,x"})
    assert ids(collapse(listed("a b"), known, ("name", "by"))[0]) == "a"


def test_what_must_stay_stands_for_what_is_ranked_above_it() -> None:
    kept, folded = collapse(listed("a c b"), SAME, FIELDS, keep={"b"})
    assert ids(kept) == "c b"
    assert folded == {"b": ("a",)}


def test_without_fields_nothing_collapses() -> None:
    assert ids(collapse(listed("a b"), SAME, ())[0]) == "a b"
