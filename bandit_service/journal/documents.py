"""An entry as a document of the journal index, and back.

Beside our own fields a document carries those of User Behavior Insights, see :mod:`.ubi`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

import orjson

from bandit_service.journal.entries import Entry, Kind
from bandit_service.journal.ubi import ubi_fields
from plugin.errors import BrokenState, InvalidRequest


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
    document |= ubi_fields(entry)
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
