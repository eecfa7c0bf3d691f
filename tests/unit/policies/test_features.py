"""The context: named floats, no text, no ids."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandit_service.features import featurise, kind_of, strategy_features
from bandit_service.features.time import Holidays
from bandit_service.policies.base import check_features
from bandit_service.policies.evidence import revision_key
from bandit_service.recent import QUERIES, Recent
from plugin.model import Decision, Hit, Query, Retrieved, Slot
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


def always(features: dict[str, float]) -> set[str]:
    """The names that do not stand for one of many values."""
    return {name for name in features if "=" not in name}


@given(st.text(max_size=500))
def test_every_text_gives_the_same_names_and_ordinary_numbers(text: str) -> None:
    features = featurise(query(text))
    check_features(features)
    assert always(features) == always(featurise(query("tayler love")))
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
        ("песня love", "script_cyrillic", 5 / 9),
        ("周杰倫 ab", "script_cjk", 3 / 5),
        ("さくら", "script_kana", 1.0),
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


def test_locale_device_and_what_the_session_chose_are_told() -> None:
    features = featurise(
        query("x", locale="pt-BR", device="car", session_types={"song": 0.75, "album": 0.25})
    )
    check_features(features)
    assert features["locale=pt"] == features["device=car"] == features["session_chose"] == 1
    assert (features["chose=song"], features["chose=album"]) == (0.75, 0.25)
    assert not any("=" in name for name in featurise(query("x", locale="!" * 500)))


def test_the_past_of_a_query_is_told_in_steps() -> None:
    features = featurise(query("x"), asked=12.0, nearest=0.8, reduced=[0.5, -0.5])
    assert (features["asked_1"], features["asked_10"], features["asked_100"]) == (1, 1, 0)
    assert features["nearest"] == 0.8
    assert (features["meaning_0"], features["meaning_1"], features["meaning_11"]) == (0.5, -0.5, 0)


def test_holidays_are_those_of_the_locale_once_they_are_read() -> None:
    read: list[str] = []

    def calendar(country: str) -> set[date]:
        read.append(country)
        return {date(2026, 1, 6)}

    holidays = Holidays(calendar)
    assert holidays.about(query("x", locale="es")) == (False, False)
    asked = query("x", locale="es-ES")
    while not any(holidays.about(asked)):  # it is read beside
        pass
    assert holidays.about(asked) == (False, True)
    assert holidays.about(replace(asked, now=asked.now + timedelta(days=1))) == (True, False)
    assert read == ["ES"]
    assert featurise(asked, holiday=True)["holiday"] == 1


@pytest.mark.parametrize(
    ("text", "more", "kind"),
    [
        ("", {}, "nothing"),
        ("tayler love", {}, "short"),
        ("who sang that", {}, "question"),
        ("songs for a rainy day in autumn", {}, "long"),
        ("love", {"slots": (Slot(0, 1, "love", "name", "name", "Love", 0.6),)}, "name"),
    ],
)
def test_queries_are_of_kinds(text: str, more: dict[str, object], kind: str) -> None:
    assert kind_of(featurise(query(text, **more))) == kind


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
    assert features["language=en"] == 1
    assert always(features) == always(featurise(query("x")))
    assert not any("taylor" in name.lower() or "song" in name for name in features)


def test_a_strategy_is_described_by_family_cost_and_revision() -> None:
    features = strategy_features(strategy())
    check_features(features)
    assert features["family=lexical"] == 1
    assert strategy_features(strategy(cost=5.0))["cost"] > features["cost"]


def test_a_strategy_for_some_types_says_for_which() -> None:
    features = strategy_features(strategy(entity_types=("song", "album")))
    assert features["brings=song"] == features["brings=album"] == features["typed"] == 1


def test_how_strategies_did_lately_are_their_means_without_failures() -> None:
    recent = Recent()
    decision = Decision((), "learned", 1.0, "v")
    hit = (Hit("a", 1.0),)
    recent.note(decision, [Retrieved("dense", hit, 10.0), Retrieved("fuzzy", (), 90.0)])
    assert recent.lately()["dense"]["empty"] == 0
    assert recent.lately()["fuzzy"] == {"took": math.log1p(90) / 8, "empty": 1.0}
    for _ in range(3):
        recent.note(decision, [Retrieved("dense", error="gone"), Retrieved("fuzzy", hit, 90.0)])
    assert recent.lately()["fuzzy"]["empty"] == pytest.approx(1 / 4)
    assert recent.lately()["dense"] == {"took": math.log1p(10) / 8, "empty": 0.0}
    for _ in range(QUERIES):
        recent.note(decision, [Retrieved("fuzzy", hit, 30.0)])
    assert recent.lately() == {"fuzzy": {"took": math.log1p(30) / 8, "empty": 0.0}}


def test_a_changed_template_is_a_new_revision_and_a_new_description_is_not() -> None:
    before = revision_key("lexical", strategy_features(strategy()))
    assert revision_key("lexical", strategy_features(strategy(template='{"size":1}'))) != before
    assert revision_key("lexical", strategy_features(strategy(description="better"))) == before
