"""A query and a decision become the lines of one msearch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson

from plugin.model import Choice, Decision, Query
from plugin.rewriting import MOST_WORDS, eligible, iso, needs_met, rewrite, shortened
from plugin.strategies import Strategy

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUERY = Query(
    text="tayler love",
    memory_key="abc",
    now=NOW,
    filters=({"term": {"language": "en"}},),
    vector=(0.6, 0.8),
)


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


def decided(*choices: tuple[str, int]) -> Decision:
    return Decision(
        tuple(Choice(name, 0.5, 1.0, size > 0, size, 0.5) for name, size in choices),
        "learned",
        1.0,
        "v1",
    )


def named(logical: str) -> str:
    return f"ns-{logical}"


def test_each_included_choice_becomes_a_header_and_a_body_in_order() -> None:
    strategies = [
        strategy("dense", "vector"),
        strategy("lexical", "text"),
        strategy("memory", "memory_key", indexes=("entities", "memory")),
    ]
    lines = rewrite(
        QUERY, decided(("memory", 5), ("lexical", 0), ("dense", 20)), strategies, named, "type"
    )
    base = {
        "text": "tayler love",
        "memory_key": "abc",
        "now": "2026-03-01T12:00:00.000Z",
        "filters": [{"term": {"language": "en"}}],
    }
    assert lines == [
        {"index": ["ns-entities", "ns-memory"]},
        {"id": "ns-memory", "params": {**base, "size": 5}},
        {"index": ["ns-entities"]},
        {"id": "ns-dense", "params": {**base, "size": 20, "vector": [0.6, 0.8]}},
    ]


def test_a_strategy_of_certain_types_gets_them_as_a_filter() -> None:
    lines = rewrite(
        QUERY,
        decided(("songs", 3)),
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
        decided(("lexical", 1)),
        [strategy("lexical", "text")],
        named,
        "type",
    )
    assert b"\n" not in orjson.dumps(lines[1])
    assert orjson.loads(orjson.dumps(lines[1]))["params"]["text"] == " ".join(hostile.split())


def test_a_long_text_is_searched_by_its_first_words() -> None:
    assert shortened("a b  " * 500) == " ".join(["a b"] * (MOST_WORDS // 2))


def test_what_a_query_can_bring() -> None:
    assert needs_met(QUERY) == {"now", "text", "memory_key", "vector"}
    assert needs_met(replace(QUERY, text="!?", memory_key="", vector=None)) == {"now"}


def test_what_is_not_eligible_is_reported_with_the_reason() -> None:
    strategies = [
        strategy("browse"),
        strategy("lexical", "text"),
        strategy("dense", "vector"),
        strategy("related", "entities", stage=2),
        strategy("stations", "text", entity_types=("station",)),
    ]
    fitting = eligible(strategies, replace(QUERY, vector=None, types=("song",)))
    assert [one.name for one in fitting.strategies] == ["lexical"]
    assert fitting.left_out == {
        "browse": "is for queries without a word",
        "dense": "needs vector",
        "related": "belongs to the second stage",
        "stations": "returns only station",
    }


def test_a_query_without_a_word_goes_to_strategies_that_need_none() -> None:
    strategies = [strategy("browse"), strategy("fresh", "now"), strategy("lexical", "text")]
    fitting = eligible(strategies, replace(QUERY, text="!", memory_key="", vector=None))
    assert [one.name for one in fitting.strategies] == ["browse", "fresh"]


def test_moments_are_written_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 3, 1, 14, 0, tzinfo=there)) == "2026-03-01T12:00:00.000Z"
