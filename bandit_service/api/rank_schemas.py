"""What goes in and out of ``/_ltrr/rank`` and ``/_ltrr/reward``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, RootModel

from bandit_service.api.feedback_schemas import MOST_EVENTS, Happened, as_list
from bandit_service.api.schemas import Id, Out
from bandit_service.api.search_schemas import Asked, ChoiceOut, Origin

MOST_CANDIDATES = 500


class RankRequest(Asked):
    """What to put in order, for whom."""

    candidates: list[Id] | None = Field(
        None,
        min_length=1,
        max_length=MOST_CANDIDATES,
        description="Ids of entities of the index. Left out: whatever fits best (recommendations).",
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


class RankedOut(Out):
    """One place of the order. `caller` in `provenance`: no strategy brought it."""

    id: str
    position: int
    score: float
    type: str
    provenance: list[Origin]


class RankAnswer(Out):
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


class Reward(Happened):
    """What one shown entity turned out to be worth."""

    value: float = Field(
        ge=-1,
        le=1,
        description="From -1 (never again) to 1 (exactly that). The last one of a session for an "
        "entity of a page counts.",
    )


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
