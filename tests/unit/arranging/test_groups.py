"""A grouped page: each kind has its share, led by its best, and nothing is lost."""

from __future__ import annotations

from candidates import ids, listed
from hypothesis import given
from hypothesis import strategies as some

from bandit_service.arranging.groups import group, in_groups
from plugin.model import Candidate


def kind(candidate: Candidate) -> str:
    return candidate.id[0]


def test_kinds_come_in_the_order_of_their_best_and_share_the_page() -> None:
    order = in_groups(listed("s1 s2 s3 s4 a1 s5 p1 s6 a2"), kind, 6)
    assert ids(order) == "s1 s2 s3 a1 a2 p1 s4 s5 s6"


def test_what_a_kind_cannot_fill_goes_to_the_best_of_the_others() -> None:
    assert ids(in_groups(listed("s1 s2 s3 s4 s5 a1"), kind, 5)) == "s1 s2 s3 s4 a1 s5"


def test_more_kinds_than_places_are_led_by_the_best() -> None:
    assert ids(in_groups(listed("a1 b1 c1 a2 d1 b2"), kind, 2)) == "a1 b1 c1 a2 d1 b2"


def test_a_kind_that_does_badly_gets_no_place() -> None:
    ranked = listed(" ".join([*(f"s{n}" for n in range(20)), "a1"]))
    assert "a1" not in ids(in_groups(ranked, kind, 4)[:4])


@given(some.lists(some.sampled_from("abcd"), max_size=40), some.integers(1, 12))
def test_the_list_stays_whole_and_each_page_reads_kind_by_kind(kinds: list[str], size: int) -> None:
    ranked = listed(" ".join(f"{letter}{at}" for at, letter in enumerate(kinds)))
    order = in_groups(ranked, kind, size)
    assert sorted(ids(order).split()) == sorted(ids(ranked).split())
    if ranked:
        assert order[0] == ranked[0]
    for start in range(0, len(order), size):
        part = order[start : start + size]
        assert [one for _, members in group(part, kind) for one in members] == part
