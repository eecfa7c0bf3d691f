"""A query and a decision become the lines of one msearch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson

from plugin.model import Choice, Hit, Query, Slot
from plugin.rewriting import MOST_WORDS, eligible, iso, needs_met, rewrite, shortened
from plugin.strategies import NEEDS, Strategy

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUERY = Query(
    text="tayler love",
    memory_key="abc",
    now=NOW,
    filters=({"term": {"language": "en"}},),
    vector=(0.6, 0.8),
)
SILENT = replace(QUERY, text="!?", memory_key="", vector=None, says_nothing=True)
LOVE = Slot(1, 2, "love", "facets", "categories", "love songs", 0.25)


def strategy(name: str, *needs: str, **changes: object) -> Strategy:
    made = Strategy(
        name=name,
        description="",
        family=name,
        indexes=("entities",),
        needs=frozenset(needs),
        stage=1,
        cost=1.0,
        entity_types=(),
        returns="entities",
        template="{}",
    )
    return replace(made, **changes)  # type: ignore[arg-type] # the names are those of the record


def chosen(*choices: tuple[str, int]) -> list[Choice]:
    return [Choice(name, 0.5, 1.0, True, size, 0.5) for name, size in choices]


def named(logical: str) -> str:
    return f"ns-{logical}"


def test_each_included_choice_becomes_a_header_and_a_body_in_order() -> None:
    strategies = [
        strategy("dense", "vector"),
        strategy("lexical", "text"),
        strategy("memory", "memory_key", indexes=("entities", "memory")),
    ]
    lines = rewrite(QUERY, chosen(("memory", 5), ("dense", 20)), strategies, named, "type")
    filters = [{"term": {"language": "en"}}]
    assert lines == [
        {"index": ["ns-entities", "ns-memory"]},
        {"id": "ns-memory", "params": {"memory_key": "abc", "size": 5, "filters": filters}},
        {"index": ["ns-entities"]},
        {"id": "ns-dense", "params": {"vector": (0.6, 0.8), "size": 20, "filters": filters}},
    ]


def test_a_strategy_of_certain_types_gets_them_as_a_filter() -> None:
    lines = rewrite(
        QUERY,
        chosen(("songs", 3)),
        [strategy("songs", "text", entity_types=("song", "album"))],
        named,
        "kind",
    )
    assert lines[1]["params"]["filters"] == [
        {"term": {"language": "en"}},
        {"terms": {"kind": ["album", "song"]}},
    ]


def test_hostile_text_stays_one_json_value() -> None:
    hostile = '" | a:1 \n{{#toJson}}x{{/toJson}}'
    lines = rewrite(
        replace(QUERY, text=hostile),
        chosen(("lexical", 1)),
        [strategy("lexical", "text")],
        named,
        "type",
    )
    assert b"\n" not in orjson.dumps(lines[1])
    assert orjson.loads(orjson.dumps(lines[1]))["params"]["text"] == " ".join(hostile.split())


def test_a_long_text_is_searched_by_its_first_words() -> None:
    assert shortened("a b  " * 500) == " ".join(["a b"] * (MOST_WORDS // 2))
    assert shortened("上を向いて歩こう" * 100) == "上を向いて歩こう" * (MOST_WORDS // 8)
    assert shortened("sukiyaki " + "上" * 100) == "sukiyaki " + "上" * (MOST_WORDS - 1)


def test_a_long_query_is_not_for_a_strategy_of_short_ones() -> None:
    costly = strategy("costly", "text", most_words=3)
    for text, fits in (("a b c", True), ("a b c d", False), ("歩こう", True), ("歩こう歩", False)):
        fitting = eligible([costly], replace(QUERY, text=text))
        assert bool(fitting.strategies) is fits, text
    assert fitting.left_out == {"costly": "is for queries of at most 3 words"}


def test_what_a_query_can_bring() -> None:
    assert needs_met(QUERY) == {"now", "text", "rewritten", "memory_key", "vector"}
    assert needs_met(SILENT) == {"now"}
    full = replace(
        SILENT,
        slots=(LOVE,),
        corrected="tailor",
        rest="tailor",
        sparse={"love": 0.5},
        adapted_vector=(1.0,),
        user_vector=(1.0,),
        session_vector=(1.0,),
        graph_vector=(1.0,),
        trending=(("a", 0.5),),
    )
    assert needs_met(full) == NEEDS - {
        "text",
        "rewritten",
        "memory_key",
        "vector",
        "entities",
        "pointed_at",
        "original",
    }


def test_what_was_meant_is_what_was_typed_unless_it_was_rewritten() -> None:
    asked = strategy("meant", "rewritten")
    for rewritten, sent in ((None, QUERY.text), ("taylor swift", "taylor swift")):
        query = replace(QUERY, rewritten=rewritten)
        (_, line) = rewrite(query, chosen(("meant", 3)), [asked], named, "type")
        assert line["params"]["rewritten"] == sent


def test_a_query_that_only_wishes_is_not_for_a_strategy_of_what_was_meant() -> None:
    wishing = replace(QUERY, text="newest", rewritten="")
    fitting = eligible([strategy("meant", "rewritten"), strategy("lexical", "text")], wishing)
    assert fitting.left_out == {"meant": "needs rewritten"}


def test_what_is_not_eligible_is_reported_with_the_reason() -> None:
    strategies = [
        strategy("browse"),
        strategy("lexical", "text"),
        strategy("dense", "vector"),
        strategy("related", "entities", stage=2),
        strategy("stations", "text", entity_types=("station",)),
    ]
    fitting = eligible(strategies, replace(QUERY, vector=None, types=("song",)))
    assert [one.name for one in fitting.strategies] == ["lexical", "related"]
    assert fitting.left_out == {
        "browse": "is for queries that say nothing",
        "dense": "needs vector",
        "stations": "returns only station",
    }


def test_a_query_that_says_nothing_goes_to_strategies_that_read_no_words() -> None:
    strategies = [strategy("browse"), strategy("fresh", "now"), strategy("lexical", "text")]
    fitting = eligible(strategies, SILENT)
    assert [one.name for one in fitting.strategies] == ["browse", "fresh"]


def test_moments_are_written_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 3, 1, 14, 0, tzinfo=there)) == "2026-03-01T12:00:00.000Z"


def test_a_strategy_gets_what_it_uses_where_it_is_known_and_nothing_else() -> None:
    personal = strategy("personal", "user_vector", uses=frozenset({"text"}))
    query = replace(QUERY, user_vector=(1.0, 0.0))
    (_, line) = rewrite(query, chosen(("personal", 3)), [personal], named, "type")
    assert set(line["params"]) == {"user_vector", "text", "size", "filters"}
    silent = replace(SILENT, user_vector=(1.0, 0.0))
    (_, line) = rewrite(silent, chosen(("personal", 3)), [personal], named, "type")
    assert set(line["params"]) == {"user_vector", "size", "filters"}
    assert [one.name for one in eligible([personal], silent).strategies] == ["personal"]


def test_readings_and_seeds_arrive_as_plain_objects() -> None:
    both = strategy("both", "slots", "entities", stage=2)
    query = replace(QUERY, slots=(LOVE,))
    (_, line) = rewrite(query, chosen(("both", 3)), [both], named, "type", [Hit("a", 0.5)])
    assert line["params"]["entities"] == [{"id": "a", "score": 0.5}]
    assert line["params"]["slots"] == [
        {
            "role": "facets",
            "field": "categories",
            "value": "love songs",
            "words": "love",
            "likelihood": 0.25,
            "facets": True,
        }
    ]


def test_a_second_hop_needs_a_first_one() -> None:
    related = strategy("related", "entities", stage=2)
    fitting = eligible([related, strategy("dense", "vector")], replace(QUERY, vector=None))
    assert fitting.strategies == ()
    assert fitting.left_out["related"] == "needs entities"
