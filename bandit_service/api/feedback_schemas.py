"""What goes in and out of ``/_ltrr/feedback``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, RootModel

from bandit_service.api.schemas import Id, In, Out

MOST_EVENTS = 500

Action = Literal["impression", "click", "like", "favourite", "play", "skip", "dislike"]


def as_list(value: Any) -> Any:
    """One event alone is a list of one."""
    return [value] if isinstance(value, dict) else value


def _moment(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("must be an ISO 8601 time such as 2026-01-31T12:00:00Z") from None
    return value


class Happened(In):
    """That somebody did something with an entity of a page."""

    query_id: Id
    object_id: Id
    event_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.:-]{1,128}$",
        description="The same id is the same event, however often it is sent. Without one it is "
        "made from all other fields, so that sending it again changes nothing.",
    )
    timestamp: Annotated[AwareDatetime | None, BeforeValidator(_moment)] = Field(
        None, description="When it happened, by your clock, with its time zone."
    )
    session: Id | None = Field(None, description="Who acted; else who searched.")
    user: Id | None = None
    client: Id | None = Field(None, description="As in a search.")


class Event(Happened):
    """One thing that somebody did with a page."""

    action: Action = Field(
        description="`impression`: it was looked at. Once a page has one, what stands below the "
        "last is no evidence of anything."
    )
    position: int | None = Field(None, ge=1, le=100_000, description="On the page; 1 is the top.")
    dwell_ms: int | None = Field(None, ge=0, le=86_400_000)
    value: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="A grade of your own. It is kept in the journal; what is learnt goes by the "
        "action. To have your own learnt, send it to /_ltrr/reward.",
    )


class FeedbackRequest(
    RootModel[
        Annotated[
            list[Event],
            BeforeValidator(as_list, json_schema_input_type=Event | list[Event]),
            Field(min_length=1, max_length=MOST_EVENTS),
        ]
    ]
):
    """One event, or a list."""


class FeedbackAnswer(Out):
    """What was taken in: written to disk, not yet learnt."""

    accepted: int
    event_ids: list[str] = Field(description="In the order of the events.")
    not_on_page: list[str] = Field(
        description="Ids of events whose object that query never returned. They are kept, but "
        "no strategy earns by them."
    )
