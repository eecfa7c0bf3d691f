"""How far the words of a query and those of an entity's fields are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin.understanding import normalise

Numbers = NDArray[np.float64]
_KEPT = 100_000
"""Texts whose words are kept: the same entities come again and again."""
_LONGEST = 400


@lru_cache(_KEPT)
def words_of(text: str) -> frozenset[str]:
    """The distinct words of a query, or of an entity's value."""
    return frozenset(normalise(text[:_LONGEST]).split())


def matches(
    words: frozenset[str], entities: Sequence[Mapping[str, Any]], fields: Sequence[str]
) -> dict[str, Numbers]:
    """Columns over ``entities`` (field → list of texts), shares of 0..1.

    For each of ``fields``, by the first part of its name: ``asked:`` the most of the query that one
    of its values holds, ``said:`` the most of one of its values that is in the query, and ``same:``
    1 where one holds the same words. ``asked`` is the share of the query that all fields hold
    together. Nothing for a query without words.
    """
    if not words or not fields:
        return {}
    count = len(words)
    columns: dict[str, Numbers] = {}
    found: list[frozenset[str]] = [frozenset()] * len(entities)
    for field in fields:
        # Lists, and arrays at last: this runs for every value of every candidate.
        asked, said, same = ([0.0] * len(entities) for _ in range(3))
        for at, entity in enumerate(entities):
            for value in entity.get(field, ()):
                held = words_of(value)
                # Most share nothing, and that is told quickest.
                if not held.isdisjoint(words):
                    shared = held & words
                    found[at] |= shared
                    asked[at] = max(asked[at], len(shared) / count)
                    said[at] = max(said[at], len(shared) / len(held))
                    same[at] = max(same[at], float(held == words))
        part = field.partition(".")[0]
        columns |= {
            f"asked:{part}": np.array(asked),
            f"said:{part}": np.array(said),
            f"same:{part}": np.array(same),
        }
    return {**columns, "asked": np.array([len(one) / count for one in found])}
