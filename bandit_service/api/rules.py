"""``/_ltrr/rules``: look at rules; with the admin token, change them."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.errors import json_response
from bandit_service.api.identity import is_admin
from bandit_service.api.rule_schemas import RuleOut, RulePath, RuleRequest, RulesAnswer
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.rules.book import RuleBook
from plugin.assets.rules import Rule
from plugin.errors import Forbidden, NotFound

_WRITING: dict[int | str, Any] = {
    403: ErrorAnswer,
    413: ErrorAnswer,
    415: ErrorAnswer,
    503: ErrorAnswer,
}


def register(app: OpenAPI, book: RuleBook, admin_token: str) -> None:
    """Add the routes to ``app``."""

    def admin_only() -> None:
        if not is_admin(request.headers.get("Authorization"), admin_token):
            raise Forbidden(
                "Rules change everybody's pages: send the admin token (LTRR_ADMIN_TOKEN) as bearer."
            )

    @app.get(
        "/_ltrr/rules",
        operation_id="rules",
        summary="Pins, boosts and blocks",
        responses={200: RulesAnswer},
    )
    def _rules() -> Response:
        return json_response({"rules": [_told(rule, source) for rule, source in book.listed()]})

    @app.get(
        "/_ltrr/rules/<rule_id>",
        operation_id="rule",
        summary="One rule",
        responses={200: RuleOut, 404: ErrorAnswer},
    )
    def _rule(path: RulePath) -> Response:
        for rule, source in book.listed():
            if rule.id == path.rule_id:
                return json_response(_told(rule, source))
        raise NotFound(f"there is no rule {path.rule_id[:64]!r}. GET /_ltrr/rules lists them.")

    @app.put(
        "/_ltrr/rules/<rule_id>",
        operation_id="put_rule",
        summary="Add or replace a rule",
        description="It holds here at once, and on every sidecar within seconds.",
        security=[{"admin": []}],
        responses={200: RuleOut, **_WRITING},
    )
    def _put(path: RulePath, body: RuleRequest) -> Response:
        admin_only()
        return json_response(
            _told(book.put(path.rule_id, body.model_dump(exclude_unset=True)), "api")
        )

    @app.delete(
        "/_ltrr/rules/<rule_id>",
        operation_id="delete_rule",
        summary="Take a rule away",
        security=[{"admin": []}],
        responses={200: RulesAnswer, 403: ErrorAnswer, 404: ErrorAnswer, 503: ErrorAnswer},
    )
    def _delete(path: RulePath) -> Response:
        admin_only()
        book.delete(path.rule_id)
        return json_response({"rules": [_told(rule, source) for rule, source in book.listed()]})


def _told(rule: Rule, source: str) -> dict[str, Any]:
    return {"id": rule.id, "source": source, **rule.told()}
