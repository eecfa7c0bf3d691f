"""What goes into ``/_ltrr/explain`` and comes out."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from bandit_service.api.schemas import Out


class QueryPath(BaseModel):
    """The id of a query, from its page."""

    query_id: str = Field(min_length=1, max_length=512)


class Asking(BaseModel):
    """Who asks; or send the admin token as bearer."""

    session: str | None = Field(None, max_length=512, description="The session that searched.")


class EntryOut(Out):
    """A journal entry of the query, without ids of people."""

    id: str
    recorded_at: int = Field(description="In milliseconds since 1970.")
    learn: bool
    body: dict[str, Any]


class Explanation(Out):
    """How a page came to be and what became of it."""

    query_id: str
    decision: EntryOut
    page: EntryOut | None = Field(description="The first page; null if there never was one.")
    feedback: list[EntryOut] = Field(description="What came within the last second may be missing.")
    credit: dict[str, float] = Field(
        description="What each strategy that ran and answered earned (0..1), by the feedback above."
    )
