"""``POST /_ltrr/rank`` and ``/_ltrr/reward``: order what the caller has, or recommend; and learn.

Retrieval for those who have no search box, or have their candidates already: the same strategies
over the same index, only that nothing but the candidates may be on the page.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.openapi import OpenAPI
from flask_openapi3.types import ResponseDict

from bandit_service.api.asking import question_of
from bandit_service.api.errors import json_response
from bandit_service.api.feedback import event_of, told
from bandit_service.api.feedback_schemas import FeedbackAnswer
from bandit_service.api.identity import Identity
from bandit_service.api.rank_schemas import RankAnswer, RankRequest, RewardRequest
from bandit_service.api.schemas import ErrorAnswer
from bandit_service.api.search import choices_out, origins_out
from bandit_service.feedback import Feedback
from bandit_service.learner.credit import REWARD
from bandit_service.page import Answer
from bandit_service.search import Search
from plugin.filters import Filters
from plugin.model import Clause

USUAL_SIZE = 10
_ERRORS: ResponseDict = {413: ErrorAnswer, 415: ErrorAnswer, 503: ErrorAnswer}


def register(
    app: OpenAPI, search: Search, feedback: Feedback, filters: Filters, identity: Identity
) -> None:
    """Add the routes to ``app``."""

    @app.post(
        "/_ltrr/rank",
        operation_id="rank",
        summary="Order candidates, or recommend",
        description="The candidates in the order that fits best; without any, what fits best.",
        responses={200: RankAnswer, **_ERRORS},
    )
    def _rank(body: RankRequest) -> Response:
        candidates = tuple(body.candidates or ())
        only: tuple[Clause, ...] = ({"ids": {"values": list(candidates)}},) if candidates else ()
        question = question_of(
            body,
            filters,
            identity,
            only=only,
            size=body.size or len(candidates) or USUAL_SIZE,
            collapse=False,
            diversity=body.diversity,
            candidates=candidates,
        )
        return json_response(_rendered(search.answer(question)))

    @app.post(
        "/_ltrr/reward",
        operation_id="reward",
        summary="Tell what a shown entity was worth",
        description="Feedback with a grade of your own, of a page of any kind. One reward or a "
        "list; safe to send again.",
        responses={202: FeedbackAnswer, 404: ErrorAnswer, **_ERRORS},
    )
    def _reward(body: RewardRequest) -> Response:
        taken = feedback.take(
            [event_of(one, identity, action=REWARD, value=one.value) for one in body.root]
        )
        return told(taken)


def _rendered(answer: Answer) -> dict[str, Any]:
    return {
        "query_id": answer.query_id,
        "took_ms": round(answer.took_ms, 3),
        "ranked": [
            {
                "id": hit.candidate.id,
                "position": hit.position,
                "score": hit.candidate.score,
                "type": hit.type,
                "provenance": origins_out(hit.candidate),
            }
            for hit in answer.shown
        ],
        "missing": list(answer.missing),
        "decision": choices_out(answer.decision),
        "policy_version": answer.policy_version,
        "degraded": list(answer.degraded),
    }
