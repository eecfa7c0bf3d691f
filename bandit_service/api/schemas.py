"""What requests and answers of all routes have in common. The OpenAPI document is generated from
these models and from those beside the routes, in ``*_schemas.py``."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_CHARACTERS = 2000

Id = Annotated[str, Field(min_length=1, max_length=512)]


def _no_text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must not hold control characters")
    return value


Name = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_no_text)]


class In(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorDetail(Out):
    """What is wrong and what to do."""

    code: str
    message: str


class ErrorAnswer(Out):
    """Every error looks like this."""

    error: ErrorDetail
