"""A checked body that asks for a page → the question, with hashes for who asks."""

from __future__ import annotations

from typing import Any

from flask import request

from bandit_service.api.clients import client_of
from bandit_service.api.identity import Identity
from bandit_service.api.search_schemas import Asked
from bandit_service.page import Question
from plugin.filters import Filters
from plugin.model import Clause


def question_of(
    body: Asked,
    filters: Filters,
    identity: Identity,
    *,
    only: tuple[Clause, ...] = (),
    **options: Any,
) -> Question:
    """``options`` are further fields of the question, ``only`` clauses that hold as its filters do.

    Raises:
        InvalidRequest: a filter names no field, or fits none.
    """
    return Question(
        text=body.query,
        filters=(*filters.clauses(body.filters, body.types), *only),
        types=tuple(body.types),
        user=identity.user(body.user),
        session=identity.session(body.session),
        client=identity.client(client_of(request, body.client)),
        locale=body.locale,
        device=body.device,
        learn=body.learn,
        **options,
    )
