"""Each strategy brings something that `lexical` does not find, or ranks clearly lower."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from nodes import clean
from shelf import Shelf

from plugin.cluster import Cluster

pytestmark = pytest.mark.integration

ARTISTS = [{"term": {"type": "artist"}}]
SONGS = [{"term": {"type": "song"}}]
RAINY = [0.0, 1.0, 0.0]


@pytest.fixture(scope="module")
def shelf(node: Any) -> Iterator[Shelf]:
    cluster = Cluster(node.url, "shelf-of-strategies", timeout_s=60)
    try:
        made = Shelf(cluster)
        made.fill()
        yield made
    finally:
        clean(cluster)
        cluster.close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("canciones tristes", "cancion"),
        ("rnb", "slow-jam"),
        ("rhythm and blues", "slow-jam"),
        ("something good for the gym", "treadmill"),
    ],
)
def test_joined_finds_other_endings_and_words_that_mean_the_same(
    shelf: Shelf, text: str, wanted: str
) -> None:
    assert shelf.ask("joined", text)[0] == wanted
    assert wanted not in shelf.ask("lexical", text)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("story", "stories"),
        ("dream", "dreaming"),
        ("playa", "playas"),
        ("corazón", "corazones"),
        ("chanson", "chansons"),
        ("coração", "corações"),
        ("Nacht", "Nächte"),
        ("Bild", "Bilder"),
        ("Árbol", "arboles"),
    ],
)
def test_a_word_and_its_plural_have_a_stem_in_common(shelf: Shelf, one: str, many: str) -> None:
    (first,), (second,) = shelf.stems(one), shelf.stems(many)
    assert first & second


def test_common_words_are_not_looked_for(shelf: Shelf) -> None:
    assert shelf.stems("something for the evening that is quiet") == [{"evening"}, {"quiet"}]


def test_the_name_of_a_type_is_a_word_like_others(shelf: Shelf) -> None:
    assert shelf.ask("popular", "evening playlists") == ["evening", "morning"]
    assert shelf.ask("joined", "rain albums")[0] == "rain-waltz"


def test_exact_puts_name_by_maker_before_what_repeats_the_words(shelf: Shelf) -> None:
    assert shelf.ask("exact", "story by ann lee")[0] == "story"
    assert shelf.ask("lexical", "story by ann lee")[0] == "story-mix"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Bohemian Rhapsody", "rhapsody"),
        ("QUEEN - bohemian rhapsody!", "rhapsody"),
        ("the greeting", "hello-full"),
        ("cancion triste", "cancion"),
        ("ann lee", "ann"),
        ("bohemian", "boat"),
        ("play me bohemian rhapsody", "rhapsody"),
    ],
)
def test_exact_brings_what_is_called_so(shelf: Shelf, text: str, wanted: str) -> None:
    assert wanted in shelf.ask("exact", text)[:2]


def test_exact_brings_nothing_for_what_is_nobodys_name(shelf: Shelf) -> None:
    assert shelf.ask("exact", "a slow story for rain") == []


def test_quality_prefers_what_is_well_described_and_popular_what_is_popular(shelf: Shelf) -> None:
    assert shelf.ask("quality", "hello")[0] == "hello-full"
    assert shelf.ask("popular", "hello")[0] == "hello-thin"
    assert shelf.ask("lexical", "hello")[0] != "hello-full"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bohemian rha", "rhapsody"),
        ("bohem", "rhapsody"),
        ("que boh", "rhapsody"),
        ("the gree", "hello-full"),
        ("canci", "cancion"),
    ],
)
def test_prefix_completes_what_is_being_typed(shelf: Shelf, text: str, wanted: str) -> None:
    assert shelf.ask("prefix", text)[0] == wanted


def test_prefix_finds_what_lexical_cannot_and_puts_the_popular_completion_first(
    shelf: Shelf,
) -> None:
    assert shelf.ask("prefix", "bohem") == ["rhapsody", "boat"]
    assert shelf.ask("lexical", "bohem") == []


@pytest.mark.parametrize("text", ["bohemien rapsody", "waterlnie", "umbrela"])
def test_fuzzy_finds_what_is_misspelt(shelf: Shelf, text: str) -> None:
    assert shelf.ask("fuzzy", text)
    found = {"bohemien rapsody": "rhapsody", "waterlnie": "slow-jam", "umbrela": "umbrella"}[text]
    assert shelf.ask("fuzzy", text)[0] == found
    assert found not in shelf.ask("lexical", text)


def test_dense_finds_what_shares_no_word(shelf: Shelf) -> None:
    assert shelf.ask("dense", vector=RAINY)[:3] == ["drizzle", "rain-waltz", "umbrella"]
    assert "drizzle" not in shelf.ask("lexical", "rain")


def test_adapted_dense_asks_with_the_adapted_vector_only(shelf: Shelf) -> None:
    found = shelf.ask("adapted_dense", vector=(0.0, 0.0, 1.0), adapted_vector=RAINY)
    assert found[:3] == ["drizzle", "rain-waltz", "umbrella"]
    songs = shelf.ask("adapted_dense", adapted_vector=RAINY, filters=SONGS)
    assert songs == shelf.ask("dense", vector=RAINY, filters=SONGS)


def test_dense_exact_orders_what_shares_a_word_by_meaning(shelf: Shelf) -> None:
    assert shelf.ask("dense_exact", "rain", vector=RAINY) == ["rain-waltz", "rain-dance"]
    assert shelf.ask("lexical", "rain") == ["rain-dance", "rain-waltz"]


def test_dense_exact_compares_all_that_passes_the_filters(shelf: Shelf) -> None:
    found = shelf.ask("dense_exact", "rain", vector=RAINY, filters=SONGS)
    assert found[:2] == ["drizzle", "umbrella"]
    assert "rain-waltz" not in found


def test_hybrid_brings_words_and_meaning_in_one_list(shelf: Shelf) -> None:
    found = shelf.ask("hybrid", "rain", vector=RAINY)
    assert {"rain-dance", "rain-waltz", "drizzle"} == set(found[:3])
    assert "drizzle" not in shelf.ask("lexical", "rain")


def test_fresh_puts_the_newest_match_first(shelf: Shelf) -> None:
    assert shelf.ask("fresh", "new pop", rewritten="pop") == ["pop-now", "pop-then"]
    assert shelf.ask("lexical", "new pop")[0] == "pop-then"
    assert shelf.ask("fresh", "hello")[0] == "hello-live"


def test_fresh_brings_the_newest_where_nothing_else_is_asked_for(shelf: Shelf) -> None:
    assert shelf.ask("fresh", "neueste", rewritten="")[:2] == ["pop-now", "hello-live"]


def test_fresh_does_not_bring_what_is_not_out_yet_or_has_no_date(shelf: Shelf) -> None:
    assert not {"pop-soon", "treadmill"} & set(shelf.ask("fresh", size=30))


TRENDING = [{"id": "iceberg", "score": 1.0}, {"id": "hello-live", "score": 0.5}]


def test_trending_brings_what_many_choose_now_as_far_as_it_matches(shelf: Shelf) -> None:
    assert shelf.ask("trending", trending=TRENDING) == ["iceberg", "hello-live"]
    assert shelf.ask("trending", "hello", trending=TRENDING) == ["hello-live"]
    assert shelf.ask("lexical", "hello")[0] != "hello-live"


def test_trending_brings_nothing_that_is_gone(shelf: Shelf) -> None:
    gone = [{"id": 'gone "1"', "score": 1.0}]
    assert shelf.ask("trending", trending=gone) == []


def test_related_brings_the_maker_and_the_collections_but_not_where_it_started(
    shelf: Shelf,
) -> None:
    seeds = [{"id": "story", "score": 1.0}, {"id": "ann", "score": 0.4}]
    found = shelf.ask("related", entities=seeds)
    assert found == ["evening", "hello-full"]
    assert not {"evening", "hello-full"} & set(shelf.ask("lexical", "story"))


def test_related_follows_more_and_better_seeds_first(shelf: Shelf) -> None:
    seeds = [
        {"id": "drizzle", "score": 0.7},
        {"id": "story", "score": 0.5},
        {"id": "hello-full", "score": 0.5},
    ]
    assert shelf.ask("related", entities=seeds) == ["evening", "morning"]


def test_memory_by_text_brings_what_was_chosen_after_similar_queries(shelf: Shelf) -> None:
    assert shelf.ask("memory_text", "iceberg melody") == ["iceberg"]
    assert "iceberg" not in shelf.ask("lexical", "iceberg melody")


def test_memory_by_text_brings_what_was_predicted_for_similar_queries(shelf: Shelf) -> None:
    assert shelf.ask("memory_text", "song in that ship film")[0] == "ship"


def test_browse_brings_the_popular_without_a_word(shelf: Shelf) -> None:
    assert shelf.ask("browse")[:3] == ["rhapsody", "queen", "hello-thin"]
    assert shelf.ask("browse", filters=ARTISTS) == ["queen", "ann"]


@pytest.mark.parametrize(
    "text", ['"', "\\", "title:(", "{{#toJson}}x{{/toJson}}", "😀", "*", "\u2028", "-", "a" * 5000]
)
@pytest.mark.parametrize(
    "strategy",
    ["joined", "exact", "quality", "prefix", "dense_exact", "hybrid", "fresh", "memory_text"],
)
def test_no_text_breaks_a_strategy(shelf: Shelf, strategy: str, text: str) -> None:
    assert isinstance(shelf.ask(strategy, text, vector=RAINY), list)


@pytest.mark.parametrize(
    "strategy",
    ["lexical", "popular", "joined", "exact", "quality", "prefix", "hybrid", "fresh", "letters"],
)
def test_the_longest_text_that_is_searched_for_breaks_no_strategy(
    shelf: Shelf, strategy: str
) -> None:
    words = " ".join(f"rain{number}" for number in range(63)) + " rain"
    assert isinstance(shelf.ask(strategy, words, vector=RAINY), list)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("bohemianrhapsody", "rhapsody"),
        ("b ohemian rhap sody", "rhapsody"),
        ("bohemianlike.you", "boat"),
        ("bly", "boat"),
    ],
)
def test_letters_finds_names_written_together_apart_or_as_initials(
    shelf: Shelf, text: str, wanted: str
) -> None:
    assert shelf.ask("letters", text=text)[0] == wanted
    assert wanted not in shelf.ask("lexical", text=text)[:1]


def test_similar_brings_what_shares_its_maker_with_the_seeds(shelf: Shelf) -> None:
    found = shelf.ask("similar", entities=[{"id": "rhapsody", "score": 1.0}])
    assert "rhapsody" not in found
    assert shelf.ask("similar", entities=[{"id": "story", "score": 1.0}])[0] == "hello-full"
