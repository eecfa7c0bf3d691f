"""What goes in and out of ``/_ltrr/suggest``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bandit_service.api.schemas import MOST_CHARACTERS, In, Name, Out


class SuggestRequest(In):
    """What somebody has typed so far."""

    query: str = Field("", max_length=MOST_CHARACTERS, examples=["tayl"])
    size: int = Field(8, ge=1, le=50)
    types: list[Name] = Field(default_factory=list, max_length=50)
    filters: dict[str, Any] = Field(default_factory=dict, max_length=50)


class SuggestQuery(BaseModel):
    """The same as parameters of a GET request; types separated by commas."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=MOST_CHARACTERS)
    size: int = Field(8, ge=1, le=50)
    types: str = Field("", max_length=1000)


class SuggestionOut(Out):
    """A completion: a `query` that others chose something for, or the name of an `entity`."""

    text: str
    kind: Literal["query", "entity"]
    id: str | None
    type: str | None


class SuggestAnswer(Out):
    """Completions, best first, each text once. Nothing of it is journalled."""

    suggestions: list[SuggestionOut]
    took_ms: float
