"""``POST /_ltrr/search``."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI

from bandit_service.api.asking import question_of
from bandit_service.api.errors import json_response
from bandit_service.api.identity import Identity
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.api.search_schemas import SearchAnswer, SearchRequest
from bandit_service.api.understanding import understood
from bandit_service.arranging.groups import group
from bandit_service.page import Answer, Shown
from bandit_service.search import Search
from plugin import faceting, highlighting
from plugin.assets.page import PageSettings
from plugin.assets.schema import Schema
from plugin.filters import Filters
from plugin.model import Candidate, Decision


def register(
    app: OpenAPI,
    search: Search,
    filters: Filters,
    identity: Identity,
    schema: Schema,
    page: PageSettings,
) -> None:
    """Add the route to ``app``."""

    @app.post(
        "/_ltrr/search",
        operation_id="search",
        summary="Search",
        description="One page of what fits best. The body must be JSON of at most 1 MB.",
        responses={
            200: SearchAnswer,
            404: ErrorAnswer,
            413: ErrorAnswer,
            415: ErrorAnswer,
            503: ErrorAnswer,
        },
    )
    def _search(body: SearchRequest) -> Response:
        question = question_of(
            body,
            filters,
            identity,
            start=body.start,
            size=body.size,
            query_id=body.query_id,
            layout=body.layout,
            collapse=body.collapse,
            diversity=body.diversity,
            explain=body.explain,
            facets=faceting.wanted(schema, body.facets),
            highlight=highlighting.wanted(body.highlight, page.highlight, filters.fields),
        )
        return json_response(rendered(search.answer(question)))


def rendered(answer: Answer) -> dict[str, Any]:
    """An answer in the shape of :class:`SearchAnswer`."""
    return {
        "query_id": answer.query_id,
        "took_ms": round(answer.took_ms, 3),
        "total": answer.total,
        "hits": [_hit(hit) for hit in answer.shown],
        "groups": (
            [
                {"type": kind, "hits": [_hit(hit) for hit in hits]}
                for kind, hits in group(answer.shown, lambda hit: hit.type)
            ]
            if answer.layout == "grouped"
            else None
        ),
        "facets": dict(answer.facets),
        "decision": choices_out(answer.decision),
        "understanding": understood(answer),
        "policy_version": answer.policy_version,
        "degraded": list(answer.degraded),
    }


def _hit(hit: Shown) -> dict[str, Any]:
    return {
        "id": hit.candidate.id,
        "score": hit.candidate.score,
        "type": hit.type,
        "position": hit.position,
        "source": hit.source,
        "provenance": origins_out(hit.candidate),
        "collapsed": list(hit.collapsed),
        "highlight": dict(hit.highlight),
        "reasons": dict(hit.reasons),
    }


def choices_out(decision: Decision | None) -> list[dict[str, Any]]:
    """A decision in the shape of :class:`ChoiceOut`; empty on later pages."""
    return [
        {
            "strategy": choice.strategy,
            "value": choice.value,
            "propensity": choice.propensity,
            "included": choice.included,
            "candidates": choice.candidates,
            "weight": choice.weight,
        }
        for choice in (decision.choices if decision else ())
    ]


def origins_out(candidate: Candidate) -> list[dict[str, Any]]:
    """Who brought a candidate, in the shape of :class:`Origin`."""
    return [
        {"strategy": origin.strategy, "rank": origin.rank, "score": origin.score}
        for origin in candidate.provenance
    ]
