"""The default encoder: own words first, words of the same meaning too, and no model at query."""

from __future__ import annotations

import time

import numpy as np
import pytest
from small_catalogue import SCHEMA, Meanings, artefact, entities

from ingest.enrichment.building import MOST_TERMS, build, count
from plugin.errors import BrokenState
from plugin.sparse import Artefact, CatalogueEncoder
from plugin.sparse.base import MOST_OF_QUERY


@pytest.fixture(scope="module")
def built() -> Artefact:
    return artefact()


@pytest.fixture(scope="module")
def encoder(built: Artefact) -> CatalogueEncoder:
    return CatalogueEncoder(built)


def score(encoder: CatalogueEncoder, query: str, text: str) -> float:
    asked, (there,) = encoder.query(query), encoder.documents([text])
    return sum(weight * there.get(token, 0.0) for token, weight in asked.items())


def test_an_entity_without_any_word_of_the_query_is_found_by_its_meaning(
    encoder: CatalogueEncoder,
) -> None:
    assert score(encoder, "drizzle", "rainy 7") > 0
    assert score(encoder, "drizzle", "puppy 7") == 0


def test_own_words_are_worth_more_than_what_they_stand_for(encoder: CatalogueEncoder) -> None:
    (weights,) = encoder.documents(["rainy"])
    assert weights["rainy"] > 2 * max(weight for word, weight in weights.items() if word != "rainy")
    assert score(encoder, "rainy", "rainy 7") > 1.2 * score(encoder, "rainy", "drizzle 7")


def test_repeating_a_word_and_writing_much_are_worth_little(encoder: CatalogueEncoder) -> None:
    once, twice, long = encoder.documents(["rain", "rain rain", "rain " + "yellow " * 20])
    assert once["rain"] < twice["rain"] < 2 * once["rain"]
    assert long["rain"] < once["rain"]


def test_rare_words_count_more_than_frequent_ones_and_stop_words_least(
    encoder: CatalogueEncoder,
) -> None:
    asked = encoder.query("the yellow calm puppy")
    assert asked["puppy"] >= asked["yellow"] > asked["calm"] > asked["the"] > 0


def test_a_word_that_no_entity_had_yet_is_looked_for_all_the_same(
    encoder: CatalogueEncoder,
) -> None:
    assert encoder.query("zyzzyva")["zyzzyva"] == max(encoder.query("zyzzyva puppy").values())
    assert score(encoder, "zyzzyva", "zyzzyva of tomorrow") > 0


@pytest.mark.parametrize("text", ["", "🎵", " . "])
def test_a_text_without_words_has_no_weights(encoder: CatalogueEncoder, text: str) -> None:
    assert encoder.query(text) == {}
    assert encoder.documents([text]) == [{}]


def test_a_query_of_any_length_has_so_many_tokens_and_none_with_a_dot(
    encoder: CatalogueEncoder,
) -> None:
    asked = encoder.query(" ".join(f"w.{number}x rain" for number in range(5_000)))
    assert 0 < len(asked) <= MOST_OF_QUERY
    assert not [token for token in asked if "." in token]


def test_looking_up_a_query_takes_less_than_a_millisecond(encoder: CatalogueEncoder) -> None:
    started = time.perf_counter()
    for number in range(200):
        encoder.query(f"rainy songs for a puppy {number}")
    assert (time.perf_counter() - started) / 200 < 0.001


def test_the_same_catalogue_in_any_order_has_the_same_artefact(built: Artefact) -> None:
    again = build(count(reversed(entities()), SCHEMA), Meanings(), frozenset({"the"}).__contains__)
    assert again.dump() == built.dump()
    assert again.version == built.version


def test_every_term_is_encoded_once_and_not_more_than_so_many() -> None:
    encoder = Meanings()
    built = artefact(encoder)
    assert sorted(encoder.encoded) == sorted(built.terms)
    many = ({"title": f"word{number} word{number % 97}"} for number in range(MOST_TERMS + 500))
    assert len(build(count(many, SCHEMA), Meanings()).terms) == MOST_TERMS


def test_words_that_always_occur_together_stand_for_each_other() -> None:
    pairs = [{"title": "john lennon"} for _ in range(4)] + [{"title": "yoko"} for _ in range(4)]
    encoder = CatalogueEncoder(build(count([*entities(), *pairs], SCHEMA), Meanings()))
    (weights,) = encoder.documents(["lennon"])
    assert weights["john"] > 0
    assert "yoko" not in weights


def test_an_artefact_survives_its_journey(built: Artefact) -> None:
    arrived = Artefact.load(built.dump())
    assert arrived.version == built.version
    assert CatalogueEncoder(arrived).query("rainy bus") == CatalogueEncoder(built).query(
        "rainy bus"
    )


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data.replace(b"calm", b"c\nlm", 1),
        lambda data: b"\x80\x04K*.",
    ],
)
def test_a_damaged_artefact_is_refused_with_what_to_do(built: Artefact, damaged: object) -> None:
    assert callable(damaged)
    with pytest.raises(BrokenState, match="--rebuild-sparse"):
        Artefact.load(damaged(built.dump()))


def test_an_artefact_that_names_terms_beyond_its_own_is_refused(built: Artefact) -> None:
    from dataclasses import replace

    wild = replace(built, neighbours=np.full_like(built.neighbours, len(built.terms)))
    with pytest.raises(BrokenState, match="not there"):
        Artefact.load(wild.dump())


def test_a_catalogue_of_one_entity_has_an_artefact_too() -> None:
    encoder = CatalogueEncoder(build(count([{"title": "Rain"}], SCHEMA), Meanings()))
    assert score(encoder, "rain", "Rain") > 0
