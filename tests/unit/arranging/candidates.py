"""Candidates and doc values for tests, in as few words as possible.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plugin.model import Candidate, Provenance


def listed(ids: str) -> list[Candidate]:
    """A ranked list of entities: ``"a b c"``."""
    return [
        Candidate(id, 1 / (1 + at), (Provenance("lexical", at + 1, 9.0),))
        for at, id in enumerate(ids.split())
    ]


def ids(candidates: Sequence[Candidate]) -> str:
    """The other way round."""
    return " ".join(candidate.id for candidate in candidates)


def values(**fields: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Doc values: ``values(type={"a": "song"}, by={"a": "x,y"})``; commas part several."""
    found: dict[str, dict[str, Any]] = {}
    for field, known in fields.items():
        for id, value in known.items():
            found.setdefault(id, {})[field] = value.split(",")
    return found
