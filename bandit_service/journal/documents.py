"""An entry as a document of the journal index, and back.

Beside our own fields a document carries those of User Behavior Insights (queries: ``user_query``,
``client_id``, ``timestamp``; events: ``action_name``, ``event_attributes`` …), so that OpenSearch's
own relevance tools can read the journal: one record per user query, never one per sub-search.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import orjson

from bandit_service.journal.entries import Entry, Kind
from plugin.errors import BrokenState, InvalidRequest

APPLICATION = "ltrr"


def to_document(entry: Entry) -> dict[str, Any]:
    """The source of the document whose ``_id`` is ``entry.id``."""
    document: dict[str, Any] = {
        "kind": entry.kind,
        "recorded_at": entry.recorded_at,
        "learn": entry.learn,
        "body": entry.body,
    }
    if entry.query_id is not None:
        document["query_id"] = entry.query_id
    if entry.session is not None:
        document["session"] = entry.session
    if entry.user is not None:
        document["user"] = entry.user
    if entry.client is not None:
        document["client"] = entry.client
    if entry.kind in ("decision", "feedback"):
        document |= {"application": APPLICATION, "timestamp": entry.recorded_at}
        if entry.user is not None:
            document["client_id"] = entry.user
        if entry.session is not None:
            document["session_id"] = entry.session
        document |= _query(entry.body) if entry.kind == "decision" else _event(entry.body)
    return document


def from_document(entry_id: str, index: str, source: Mapping[str, Any]) -> Entry:
    """The entry of a stored document.

    Raises:
        BrokenState: the document is not one that :func:`to_document` made.
    """
    try:
        return Entry(
            id=entry_id,
            kind=_kind(source["kind"]),
            index=index,
            recorded_at=int(source["recorded_at"]),
            body=source["body"],
            query_id=_text(source.get("query_id")),
            session=_text(source.get("session")),
            user=_text(source.get("user")),
            learn=bool(source.get("learn", True)),
            client=_text(source.get("client")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenState(
            f"document {entry_id} of {index} is no journal entry ({error!r}). "
            "Something else writes into the journal index."
        ) from error


def to_line(entry: Entry) -> bytes:
    """The entry as JSON without any newline, for the spool.

    Raises:
        InvalidRequest: it holds something that JSON cannot say.
    """
    try:
        return _dumps(entry)
    except orjson.JSONEncodeError as error:
        raise InvalidRequest(f"a journal entry cannot be written as JSON: {error}") from error


def _dumps(entry: Entry) -> bytes:
    return orjson.dumps(
        {
            "id": entry.id,
            "kind": entry.kind,
            "index": entry.index,
            "recorded_at": entry.recorded_at,
            "query_id": entry.query_id,
            "session": entry.session,
            "user": entry.user,
            "learn": entry.learn,
            "client": entry.client,
            "body": entry.body,
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )


def from_line(line: bytes) -> Entry:
    """The entry of :func:`to_line`.

    Raises:
        BrokenState: it is not one.
    """
    try:
        return Entry(**orjson.loads(line))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BrokenState(f"a line of the spool is no journal entry: {error}") from error


def _kind(value: Any) -> Kind:
    for kind in get_args(Kind):
        if value == kind:
            return cast(Kind, kind)
    raise ValueError(f"unknown kind {value!r}")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _query(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"user_query": str(body.get("query", ""))}


def _event(body: Mapping[str, Any]) -> dict[str, Any]:
    object_id = body.get("object_id")
    position = body.get("position")
    attributes: dict[str, Any] = {}
    if object_id is not None:
        attributes["object"] = {"object_id": str(object_id), "object_id_field": "_id"}
    if isinstance(position, int):
        attributes["position"] = {"ordinal": position}
    document: dict[str, Any] = {"action_name": str(body.get("action", ""))}
    if attributes:
        document["event_attributes"] = attributes
    return document
