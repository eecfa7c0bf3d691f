"""The whole arrangement: rules, own choices, duplicates, kinds, in that order of precedence."""

from __future__ import annotations

from candidates import ids, listed, values

from bandit_service.arranging.arrange import Arrangement, arrange, boosted, pinned

HOW = Arrangement(size=4, type_field="type")


def test_without_wishes_the_ranked_order_is_the_page() -> None:
    assert ids(arrange(listed("a b c"), {}, {}, HOW).ranked) == "a b c"


def test_own_choices_stay_on_top_and_refusals_last_however_diverse_the_page_is() -> None:
    known = values(type={"a": "song", "b": "song", "c": "song", "d": "artist", "e": "song"})
    how = Arrangement(size=4, type_field="type", diversity=1.0, diversify=("type",))
    assert ids(arrange(listed("a b c d e"), known, {"c": 0.9, "a": -1.0}, how).ranked) == (
        "c d b e a"
    )


def test_a_pin_is_where_the_rule_says_even_above_own_choices() -> None:
    how = Arrangement(size=4, type_field="type", pins={"d": 1, "b": 3})
    assert ids(arrange(listed("a b c d"), {}, {"c": 0.9}, how).ranked) == "d c b a"


def test_a_pin_that_is_not_there_leaves_no_hole() -> None:
    assert ids(pinned(listed("a b"), {"ghost": 1, "b": 1})) == "b a"


def test_a_pin_beyond_the_list_is_last() -> None:
    assert ids(pinned(listed("a b"), {"a": 50})) == "b a"


def test_a_boost_of_two_takes_the_eleventh_to_the_second_place() -> None:
    ranked = listed("a b c d e f g h i j k")
    assert ids(boosted(ranked, {"k": 2.0})) == "a k b c d e f g h i j"
    assert ids(boosted(ranked, {"a": 0.5})) == "b c d e f g h i j a k"


def test_grouped_reads_kind_by_kind_with_pins_leading_their_kind() -> None:
    known = values(type={"a": "song", "b": "artist", "c": "song", "d": "artist"})
    how = Arrangement(size=4, type_field="type", layout="grouped", pins={"d": 1})
    assert ids(arrange(listed("a b c d"), known, {}, how).ranked) == "d b a c"
