"""The journal as User Behavior Insights (UBI 1.3.0) has it, for OpenSearch's own relevance tools.

There is one record per user query: the entry of its first page, which knows text and hits. Every
feedback entry is an event. Filtered aliases, ``<namespace>-ubi_queries`` and ``-ubi_events``, show
just these of the journal's documents, and none that says ``learn: false``. Ids of people are the
keyed hashes that the journal has.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bandit_service.journal.entries import Entry

APPLICATION = "ltrr"
ID_FIELD = "_id"


def ubi_fields(entry: Entry) -> dict[str, Any]:
    """What UBI wants to know of an entry; nothing for those that are no query and no event."""
    if entry.kind == "feedback":
        fields = _event(entry)
    elif entry.kind == "page" and entry.body.get("ranked") is not None:
        fields = _query(entry)
    else:
        return {}
    moment = datetime.fromtimestamp(entry.recorded_at / 1000, UTC)
    timestamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields |= {"application": APPLICATION, "timestamp": timestamp}
    who = entry.user or entry.client or entry.session
    if who is not None:
        fields["client_id"] = who
    if entry.session is not None:
        fields["session_id"] = entry.session
    return fields


def _query(entry: Entry) -> dict[str, Any]:
    return {
        "user_query": str(entry.body.get("query", "")),
        "query_response_id": entry.query_id,
        "query_response_hit_ids": [str(hit["id"]) for hit in entry.body["shown"]],
        "object_id_field": ID_FIELD,
    }


def _event(entry: Entry) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    if (object_id := entry.body.get("object_id")) is not None:
        attributes["object"] = {"object_id": str(object_id), "object_id_field": ID_FIELD}
    if isinstance(position := entry.body.get("position"), int):
        attributes["position"] = {"ordinal": position}
    fields: dict[str, Any] = {"action_name": str(entry.body.get("action", ""))}
    return {**fields, "event_attributes": attributes} if attributes else fields
