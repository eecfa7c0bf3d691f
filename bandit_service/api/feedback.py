"""``POST /_ltrr/feedback``."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.clients import client_of
from bandit_service.api.errors import json_response
from bandit_service.api.feedback_schemas import FeedbackAnswer, FeedbackRequest, Happened
from bandit_service.api.identity import Identity
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.feedback import Event, Feedback, Taken


def register(app: OpenAPI, feedback: Feedback, identity: Identity) -> None:
    """Add the route to ``app``."""

    @app.post(
        "/_ltrr/feedback",
        operation_id="feedback",
        summary="Tell what was done with a page",
        description="One event or a list. All of them are checked before any is taken in. "
        "Safe to send again: the same event_id is the same event.",
        responses={
            202: FeedbackAnswer,
            404: ErrorAnswer,
            413: ErrorAnswer,
            415: ErrorAnswer,
            503: ErrorAnswer,
        },
    )
    def _feedback(body: FeedbackRequest) -> Response:
        taken = feedback.take(
            [
                event_of(
                    event,
                    identity,
                    action=event.action,
                    position=event.position,
                    dwell_ms=event.dwell_ms,
                    value=event.value,
                )
                for event in body.root
            ]
        )
        return told(taken)


def event_of(body: Happened, identity: Identity, **what: Any) -> Event:
    """A checked body as an event, with hashes for who acted; ``what`` was done."""
    return Event(
        query_id=body.query_id,
        object_id=body.object_id,
        event_id=body.event_id,
        timestamp=body.timestamp,
        session=identity.session(body.session),
        user=identity.user(body.user),
        client=identity.client(client_of(request, body.client)),
        **what,
    )


def told(taken: Taken) -> Response:
    """What was taken in, in the shape of :class:`FeedbackAnswer`."""
    return json_response(
        {
            "accepted": len(taken.event_ids),
            "event_ids": list(taken.event_ids),
            "not_on_page": list(taken.not_on_page),
        },
        202,
    )
