"""What goes in and out of ``/_ltrr/rank`` and ``/_ltrr/reward``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, RootModel

from bandit_service.api.feedback_schemas import (
    MOST_EVENTS,
    EventId,
    as_list,
    moment,
)
from bandit_service.api.schemas import (
    MOST_CHARACTERS,
    ChoiceOut,
    Id,
    Name,
    Origin,
    _In,
    _Out,
)

MOST_CANDIDATES = 500


class RankRequest(_In):
    """What to put in order, for whom."""

    candidates: list[Id] | None = Field(
        None,
        min_length=1,
        max_length=MOST_CANDIDATES,
        description="Ids of entities of the index. Left out: whatever fits best (recommendations).",
    )
    query: str = Field(
        "", max_length=MOST_CHARACTERS, description="Words that say what is wanted, if there are."
    )
    user: Id | None = Field(None, description="Your id of the user. Only a keyed hash is kept.")
    session: Id | None = Field(None, description="Your id of the visit.")
    locale: Name | None = None
    filters: dict[str, Any] = Field(
        default_factory=dict, max_length=50, description="As in a search."
    )
    types: list[Name] = Field(
        default_factory=list, max_length=50, description="Entity types wanted; none means all."
    )
    size: int | None = Field(
        None,
        ge=1,
        le=MOST_CANDIDATES,
        description="How many are shown, and so journalled as shown: all candidates, or 10.",
    )
    diversity: float = Field(
        0.0, ge=0, le=1, description="How much different kinds count against the best order."
    )
    learn: bool = Field(True, description="false marks monitors, tests and comparisons.")


class RankedOut(_Out):
    """One place of the order. `caller` in `provenance`: no strategy brought it."""

    id: str
    position: int
    score: float
    type: str
    provenance: list[Origin]


class RankAnswer(_Out):
    """The order. Send rewards for its ids with its `query_id`."""

    query_id: str
    took_ms: float
    ranked: list[RankedOut]
    missing: list[str] = Field(
        description="Candidates that the index does not hold, or that filters and rules exclude."
    )
    decision: list[ChoiceOut]
    policy_version: str
    degraded: list[str]


class Reward(_In):
    """What one shown entity turned out to be worth."""

    query_id: Id
    object_id: Id
    value: float = Field(
        ge=-1,
        le=1,
        description="From -1 (never again) to 1 (exactly that). The last one of a session for an "
        "entity of a page counts.",
    )
    event_id: EventId = None
    timestamp: Annotated[AwareDatetime | None, BeforeValidator(moment)] = Field(
        None, description="When it happened, by your clock, with its time zone."
    )
    session: Id | None = Field(None, description="Who acted; else who asked.")
    user: Id | None = None


class RewardRequest(
    RootModel[
        Annotated[
            list[Reward],
            BeforeValidator(as_list, json_schema_input_type=Reward | list[Reward]),
            Field(min_length=1, max_length=MOST_EVENTS),
        ]
    ]
):
    """One reward, or a list."""
