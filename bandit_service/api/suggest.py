"""``GET`` and ``POST /_ltrr/suggest``: completions while somebody types. Nothing is journalled."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.errors import json_response
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.api.suggest_schemas import SuggestAnswer, SuggestQuery, SuggestRequest
from bandit_service.collaborators import Services
from plugin.suggesting import suggest
from plugin.understanding import memory_key


def register(app: OpenAPI, services: Services) -> None:
    """Add the routes to ``app``."""

    def answered(
        text: str, size: int, filters: Mapping[str, Any], types: Sequence[str]
    ) -> Response:
        started = time.perf_counter()
        whole = text.encode("utf-8", "replace").decode()
        rules = services.rules
        found = suggest(
            services.cluster,
            services.schema,
            whole,
            services.filters.clauses(filters, types),
            size,
            corrected=services.read(whole).corrected,
            blocks=rules.effects(memory_key(whole)).clauses if rules is not None else (),
            timeout_s=services.budget_s,
        )
        took = (time.perf_counter() - started) * 1000
        return json_response(
            {"suggestions": [asdict(one) for one in found], "took_ms": round(took, 3)}
        )

    @app.get(
        "/_ltrr/suggest",
        operation_id="suggest",
        summary="Complete what is being typed",
        responses={200: SuggestAnswer, 503: ErrorAnswer},
    )
    def _suggest(query: SuggestQuery) -> Response:
        types = [kind for kind in query.types.split(",") if kind.strip()]
        return answered(query.q, query.size, {}, types)

    @app.post(
        "/_ltrr/suggest",
        operation_id="suggest_within",
        summary="Complete what is being typed, within filters",
        responses={200: SuggestAnswer, 413: ErrorAnswer, 415: ErrorAnswer, 503: ErrorAnswer},
    )
    def _suggest_within(body: SuggestRequest) -> Response:
        return answered(body.query, body.size, body.filters, body.types)
