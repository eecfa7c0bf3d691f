"""What ``/_ltrr/strategies`` and ``/_ltrr/policy`` tell."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bandit_service.api.schemas import Out


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


class PolicyAnswer(Out):
    """The served snapshot; `history` is oldest first, for pictures."""

    version: str = Field(description="`uniform` while there is no snapshot.")
    history: list[dict[str, Any]]
