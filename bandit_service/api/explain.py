"""``GET /_ltrr/explain/<query_id>``."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Response, request
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.errors import json_response
from bandit_service.api.explain_schemas import Asking, Explanation, QueryPath
from bandit_service.api.identity import Identity, is_admin
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.history import History
from bandit_service.journal.entries import Entry
from bandit_service.learner.credit import Grades
from bandit_service.learner.earned import earned
from plugin.errors import Forbidden

SESSION_HEADER = "X-LTRR-Session"


def register(
    app: OpenAPI, history: History, identity: Identity, admin_token: str, grades: Grades
) -> None:
    """Add the route to ``app``."""

    @app.get(
        "/_ltrr/explain/<query_id>",
        operation_id="explain",
        summary="How a page came to be",
        description="For the session that searched (parameter `session` or header "
        f"{SESSION_HEADER}), or with the admin token as bearer.",
        security=[{}, {"admin": []}],
        responses={
            200: Explanation,
            403: ErrorAnswer,
            404: ErrorAnswer,
            503: ErrorAnswer,
        },
    )
    def _explain(path: QueryPath, query: Asking) -> Response:
        decision = history.decision(path.query_id)
        asking = identity.session(query.session or request.headers.get(SESSION_HEADER))
        if not (
            is_admin(request.headers.get("Authorization"), admin_token)
            or _same(asking, decision.session)
        ):
            raise Forbidden(
                "This page belongs to another session, or to none. Send the session that searched, "
                "or the admin token (LTRR_ADMIN_TOKEN) as bearer."
            )
        page = history.pages_if_there([path.query_id])[path.query_id]
        feedback = history.feedback(path.query_id)
        events = [entry.body for entry in feedback]
        return json_response(
            {
                "query_id": path.query_id,
                "decision": _shown(decision),
                "page": _shown(page) if page else None,
                "feedback": [_shown(entry) for entry in feedback],
                "credit": earned(decision.body, page.body if page else None, events, grades),
            }
        )


def _same(asking: str | None, owner: str | None) -> bool:
    return asking is not None and owner is not None and hmac.compare_digest(asking, owner)


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "recorded_at": entry.recorded_at,
        "learn": entry.learn,
        "body": dict(entry.body),
    }
