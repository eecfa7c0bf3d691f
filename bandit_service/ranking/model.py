"""What every fitted ranking model keeps to, and the bytes that it travels in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson

from bandit_service.policies.sealed import seal, unseal
from bandit_service.ranking.features import Numbers
from plugin.errors import BrokenState


class Model(Protocol):
    """Scores rows of features (log odds of being chosen). Immutable; safe to share."""

    @property
    def names(self) -> Sequence[str]:
        """The features, in the order of a matrix's columns."""
        ...

    def scores(self, matrix: Numbers) -> Numbers:
        """One score per row of ``matrix`` (rows, names). Raises InvalidRequest as ``check``."""
        ...

    def contributions(self, matrix: Numbers) -> Numbers:
        """(rows, names + 1): what each feature, and at last the model's constant, adds."""
        ...

    def dump(self) -> bytes:
        """Everything; the same examples give the same bytes."""
        ...


def pack(kind: str, parts: Mapping[str, Any]) -> bytes:
    """``parts`` as sealed bytes of this ``kind`` of model."""
    return seal(kind, orjson.dumps(parts))


def unpack(kind: str, data: bytes) -> dict[str, Any]:
    """What :func:`pack` packed.

    Raises:
        BrokenState: it is damaged, cut short, or of another kind.
    """
    try:
        parts: dict[str, Any] = orjson.loads(unseal(kind, data))
    except orjson.JSONDecodeError as error:
        raise BrokenState(f"the {kind} model cannot be read ({error})") from error
    if not isinstance(parts, dict):
        raise BrokenState(f"the {kind} model holds something else")
    return parts
