"""The sidecar as a WSGI application: collaborators in, routes out.

Each route is one thin file of :mod:`bandit_service.api`: parse, one call, render. What a query
goes through is in :mod:`bandit_service.search`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from flask import Response
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel, ValidationError

from bandit_service.api import (
    about,
    access_log,
    back_pressure,
    errors,
    explain,
    feedback,
    feedback_schemas,
    front,
    health,
    metrics,
    rank,
    rank_schemas,
    rule_schemas,
    rules,
    schemas,
    search,
    search_schemas,
    suggest,
    suggest_schemas,
)
from bandit_service.api.body import MOST_BYTES, JsonRequest
from bandit_service.api.identity import Identity
from bandit_service.collaborators import Services
from bandit_service.feedback import Feedback
from bandit_service.history import History
from bandit_service.recent import Recent
from bandit_service.rules.book import RuleBook
from bandit_service.search import Search

_MODELS: Mapping[str, type[BaseModel]] = {
    "SearchRequest": search_schemas.SearchRequest,
    "FeedbackRequest": feedback_schemas.Event,
    "RankRequest": rank_schemas.RankRequest,
    "RewardRequest": rank_schemas.Reward,
    "SuggestRequest": suggest_schemas.SuggestRequest,
    "SuggestQuery": suggest_schemas.SuggestQuery,
    "RuleRequest": rule_schemas.RuleRequest,
}


class Sidecar(OpenAPI):
    """Flask with an OpenAPI document and strict JSON bodies."""

    request_class = JsonRequest


def create_app(services: Services) -> Sidecar:
    """An application that works with ``services`` and nothing else. Makes no request itself."""

    def refuse(error: ValidationError) -> NoReturn:
        raise errors.invalid(error, _MODELS)

    app = Sidecar(
        "bandit_service",
        info=Info(
            title="ltrr",
            version="1",
            description="Search that learns how to retrieve. Errors are always "
            '`{"error": {"code", "message"}}`.',
        ),
        security_schemes={"admin": {"type": "http", "scheme": "bearer"}},
        responses={400: schemas.ErrorAnswer, 500: schemas.ErrorAnswer},
        validation_error_status=400,
        validation_error_model=schemas.ErrorAnswer,
        validation_error_callback=refuse,
        doc_ui=False,
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    errors.install(app)
    access_log.install(app)
    metrics.install(app, services)
    back_pressure.install(app, services.gate)

    identity = Identity(services.secret)
    history = History(services.journal)
    recent = Recent()
    book = services.rules or RuleBook(None, services.filters.clauses)
    searching = Search(services, history, recent)
    taking = Feedback(services, history)
    search.register(
        app,
        searching,
        services.filters,
        identity,
        services.schema,
        services.page,
    )
    suggest.register(app, services)
    rules.register(app, book, services.admin_token)
    feedback.register(app, taking, identity)
    rank.register(app, searching, taking, services.filters, identity)
    explain.register(app, history, identity, services.admin_token, services.grades)
    about.register(app, services, recent)
    health.register(app, services.checks, services.troubles)
    front.register(app, services.cluster)

    def _openapi() -> Response:
        return errors.json_response(app.api_doc)

    app.add_url_rule("/_ltrr/openapi.json", "openapi", _openapi)
    return app
