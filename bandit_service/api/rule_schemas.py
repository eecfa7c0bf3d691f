"""What goes in and out of ``/_ltrr/rules``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from bandit_service.api.schemas import MOST_CHARACTERS, Id, In, Out


class RuleRequest(In):
    """A pin, a boost or a block, for one query or for all."""

    action: Literal["pin", "boost", "block"]
    query: str | None = Field(
        None,
        max_length=MOST_CHARACTERS,
        description="The query it is for, however it is written; without one it is for all.",
    )
    ids: list[Id] = Field(default_factory=list, max_length=100)
    filters: dict[str, Any] = Field(
        default_factory=dict,
        max_length=50,
        description="Instead of ids: whatever passes, as in a search. Not for pins.",
    )
    position: int | None = Field(None, ge=1, le=100, description="Of a pin; else 1, the top.")
    factor: float | None = Field(
        None, ge=0.01, le=100, description="Of a boost: above 1 raises, below 1 lowers."
    )
    note: str | None = Field(None, max_length=500, description="Why, for people.")


class RuleOut(Out):
    """A rule. `source` says where it is kept: `file` (rules.toml) or `api`."""

    id: str
    source: Literal["file", "api"]
    action: Literal["pin", "boost", "block"]
    query: str | None = None
    ids: list[str] = Field(default_factory=list)
    filters: dict[str, Any] = Field(default_factory=dict)
    position: int | None = None
    factor: float | None = None
    note: str | None = None


class RulesAnswer(Out):
    """All rules, by id."""

    rules: list[RuleOut]


class RulePath(BaseModel):
    """The id of a rule."""

    rule_id: str = Field(min_length=1, max_length=200)
