"""What every source of entities promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson


@dataclass(frozen=True, slots=True)
class Document:
    """One entity: ``body`` is the entity document, ``place`` says where it was read (file:line).

    ``given`` is False where the source has no id of its own for it, and ``id`` is a hash of the
    body: the same entity read again has the same id.
    """

    id: str
    body: Mapping[str, Any]
    place: str
    given: bool = True


@dataclass(frozen=True, slots=True)
class BadLine:
    """Something that should have been an entity, and why it is none."""

    place: str
    reason: str
    id: str | None = None


class Source(Protocol):
    """Entities, in a stable order. What is bad is an item of its own and stops nothing."""

    def read(self) -> Iterator[Document | BadLine]:
        """Yield every entity or bad line once.

        Raises:
            IngestError: the source as a whole cannot be read.
        """
        ...


def stable_id(body: Mapping[str, Any]) -> str:
    """32 hex digits that depend on the content only, not on the order of the fields."""
    return hashlib.blake2b(
        orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=16
    ).hexdigest()
