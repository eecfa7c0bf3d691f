"""What ``/_ltrr/strategies`` and ``/_ltrr/policy`` tell."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bandit_service.api.schemas import Out
from bandit_service.policies.contest import Stage


class StrategyOut(Out):
    """A strategy and how it did lately in this process (null: it was not eligible yet)."""

    name: str
    family: str
    description: str
    ready: bool = Field(description="Its template is in the cluster.")
    needs: list[str]
    stage: int
    entity_types: list[str]
    returns: str
    cost: float
    queries: int = Field(description="Of the last 500: for how many it was eligible.")
    ran: float | None = Field(description="In which part of those it ran.")
    share: float | None = Field(description="Its mean say in the blend over those queries.")
    value: float | None
    weight: float | None = Field(description="Its mean say when it ran.")
    cost_ms: float | None
    failures: int


class StrategiesAnswer(Out):
    """All strategies."""

    strategies: list[StrategyOut]


class ContestOut(Out):
    """Two policies of which one serves and the other is compared with it (`LTRR_CHALLENGER`)."""

    incumbent: str
    challenger: str
    stage: Stage = Field(description="Only what is `promoted` serves in the incumbent's place.")
    pages: int = Field(description="Shared pages with a choice since the stage began.")
    challenger_minus_incumbent: tuple[float, float] = Field(
        description="Between which bounds what the challenger wins more lies, −1..1."
    )


class PolicyAnswer(Out):
    """The served snapshot; `history` is oldest first, for pictures."""

    version: str = Field(description="`uniform` while there is no snapshot.")
    contest: ContestOut | None = Field(description="null where nothing is compared.")
    history: list[dict[str, Any]]
