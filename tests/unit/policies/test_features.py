"""The context: named floats, no text, no ids."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandit_service.features import featurise, strategy_features
from bandit_service.policies.base import check_features
from bandit_service.policies.explorer import revision_key
from plugin.model import Query, Slot
from plugin.strategies import Strategy

MONDAY_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 1, 10, 6, tzinfo=UTC)


def query(text: str, **more: object) -> Query:
    return replace(Query(text=text, memory_key="k", now=MONDAY_NOON), **more)


def strategy(template: str = "{}", **more: object) -> Strategy:
    lexical = Strategy(
        name="lexical",
        description="",
        family="lexical",
        indexes=("entities",),
        needs=frozenset({"text"}),
        stage=1,
        cost=1.0,
        entity_types=(),
        returns="entities",
        template=template,
    )
    return replace(lexical, **more)


@given(st.text(max_size=500))
def test_every_text_gives_the_same_names_and_ordinary_numbers(text: str) -> None:
    features = featurise(query(text))
    check_features(features)
    assert features.keys() == featurise(query("tayler love")).keys()
    assert all(-1 <= value <= 1 for value in features.values())


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("tayler love", "two_tokens", 1.0),
        ("tayler", "one_token", 1.0),
        ("tayler ", "ends_with_space", 1.0),
        ("songs of 1989", "has_digit", 1.0),
        ("who sang it", "question", 1.0),
        ("is it love?", "question", 1.0),
        ("the whole", "question", 0.0),
        ("песня love", "other_script", 5 / 9),
        ("", "tokens", 0.0),
        ('"exactly this"', "quoted", 1.0),
    ],
)
def test_the_shape_of_a_text(text: str, name: str, value: float) -> None:
    assert featurise(query(text))[name] == pytest.approx(value)


def test_time_goes_round() -> None:
    monday = featurise(query("x"))
    assert monday["hour_cos"] == pytest.approx(-1)
    assert monday["weekend"] == 0
    saturday = featurise(query("x", now=SATURDAY))
    assert saturday["hour_sin"] == pytest.approx(1)
    assert saturday["weekend"] == 1
    assert math.hypot(saturday["weekday_sin"], saturday["weekday_cos"]) == pytest.approx(1)


def test_who_asks_is_known_only_as_new_or_known() -> None:
    features = featurise(
        query("x", user="u-hash", session="s-hash"), session_seen=True, user_known=True
    )
    assert features["session_seen"] == features["user_known"] == features["user_given"] == 1
    assert not any("hash" in name for name in features)


def test_readings_are_told_by_their_likelihoods_and_not_by_their_words() -> None:
    understood = query(
        "new tayler love",
        slots=(
            Slot(1, 2, "tayler", "by", "by", "Taylor Swift", 0.6),
            Slot(0, 1, "new", "recent", "published", "", 0.5),
            Slot(2, 3, "love", "name", "name", "Love", 0.1, "song-love"),
            Slot(0, 3, "", "language", "language", "en", 0.4),
        ),
        corrected="new taylor love",
        language="en",
        intents={"attribute": 0.75, "known_item": 0.25},
    )
    features = featurise(understood)
    check_features(features)
    assert features["read_maker"] == 0.6
    assert features["read_recent"] == 0.5
    assert features["read_name"] == 0.1
    assert features["read_words"] == 2 / 3
    assert features["readings"] == 4 / 12
    assert features["corrected"] == features["language_known"] == 1
    assert features["intent_attribute"] == 0.75
    assert features["read_whole_name"] == features["intent_question"] == 0
    assert features.keys() == featurise(query("x")).keys()
    assert not any("taylor" in name.lower() or "song" in name for name in features)


def test_a_strategy_is_described_by_family_cost_and_revision() -> None:
    features = strategy_features(strategy())
    check_features(features)
    assert features["family=lexical"] == 1
    assert strategy_features(strategy(cost=5.0))["cost"] > features["cost"]


def test_a_changed_template_is_a_new_revision_and_a_new_description_is_not() -> None:
    before = revision_key("lexical", strategy_features(strategy()))
    assert revision_key("lexical", strategy_features(strategy(template='{"size":1}'))) != before
    assert revision_key("lexical", strategy_features(strategy(description="better"))) == before
