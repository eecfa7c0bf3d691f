"""Journal documents against the field names and types of UBI 1.3.0 (queries and events)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bandit_service.journal.documents import to_document
from bandit_service.journal.entries import Entry, decision_entry, feedback_entry, page_entry
from plugin.model import Candidate, Decision, Provenance, Query

NOW = datetime(2026, 3, 1, 12, 0, 0, 5_000, tzinfo=UTC)
INDEX = "t-journal-000001"
MAPPING = json.loads(
    (Path(__file__).parents[3] / "opensearch" / "indexes" / "journal.json").read_text()
)

# What the specification's two JSON schemas name, with the types that they give.
QUERY = {
    "application": str,
    "query_id": str,
    "client_id": str,
    "user_query": str,
    "query_attributes": dict,
    "object_id_field": str,
    "timestamp": str,
    "query_response_id": str,
    "query_response_hit_ids": list,
}
EVENT = {
    "application": str,
    "action_name": str,
    "query_id": str,
    "session_id": str,
    "client_id": str,
    "user_id": str,
    "timestamp": str,
    "message_type": str,
    "message": str,
    "event_attributes": dict,
}
OURS = {"kind", "recorded_at", "learn", "body", "session", "user", "client"}


def query(text: str = "tayler love") -> Query:
    return Query(text, "k", NOW, session="s" * 32, user="u" * 32)


def hit(id: str) -> tuple[Candidate, str]:
    return Candidate(id, 1.0, (Provenance("dense", 1, 1.0),)), "song"


def page(*, first: bool = True, text: str = "tayler love") -> Entry:
    ranked = ["a", "b", "c"] if first else None
    shown = [hit("a"), hit("b")] if first else [hit("c")]
    start = 0 if first else 2
    return page_entry(
        "q", INDEX, query(text), NOW, shown, start, ranked, ranker_version="r", degraded=[]
    )


def event(body: dict[str, Any]) -> Entry:
    return feedback_entry("q", INDEX, "e", NOW, body, session="s" * 32, user=None, client="c" * 32)


def ubi(entry: Entry, schema: dict[str, type]) -> dict[str, Any]:
    """The document without our own fields, all of them as the schema has them."""
    document = {name: value for name, value in to_document(entry).items() if name not in OURS}
    for name, value in document.items():
        assert isinstance(value, schema[name]), name
    return document


def test_the_first_page_is_the_record_of_its_query() -> None:
    assert ubi(page(), {**QUERY, "session_id": str}) == {
        "application": "ltrr",
        "query_id": "q",
        "client_id": "u" * 32,
        "session_id": "s" * 32,
        "user_query": "tayler love",
        "object_id_field": "_id",
        "timestamp": "2026-03-01T12:00:00.005Z",
        "query_response_id": "q",
        "query_response_hit_ids": ["a", "b"],
    }
    assert ubi(page(text=""), {**QUERY, "session_id": str})["user_query"] == ""


def test_there_is_one_record_a_query() -> None:
    decision = Decision((), "learned", 1.0, "v")
    others = [page(first=False), decision_entry("q", INDEX, query(), decision, {})]
    for entry in others:
        assert ubi(entry, {"query_id": str}) == {"query_id": "q"}


def test_feedback_is_an_event_with_object_and_position() -> None:
    assert ubi(event({"object_id": "a", "action": "click", "position": 2}), EVENT) == {
        "application": "ltrr",
        "action_name": "click",
        "query_id": "q",
        "session_id": "s" * 32,
        "client_id": "c" * 32,
        "timestamp": "2026-03-01T12:00:00.005Z",
        "event_attributes": {
            "object": {"object_id": "a", "object_id_field": "_id"},
            "position": {"ordinal": 2},
        },
    }
    without = ubi(event({"object_id": "a", "action": "click"}), EVENT)
    assert "position" not in without["event_attributes"]


@pytest.mark.parametrize("schema", [QUERY, EVENT])
def test_the_journals_mapping_knows_the_fields(schema: dict[str, type]) -> None:
    assert set(schema) - {"user_id"} <= set(MAPPING["mappings"]["properties"])


def test_the_aliases_are_views_that_leave_out_what_is_not_to_be_learnt_from() -> None:
    aliases = MAPPING["aliases"]
    assert set(aliases) == {"${namespace}-ubi_queries", "${namespace}-ubi_events"}
    for about in aliases.values():
        assert {"term": {"learn": True}} in about["filter"]["bool"]["filter"]
