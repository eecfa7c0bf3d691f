"""Highlights: the words of a query marked in what a hit shows.

What an entity says is escaped as HTML by OpenSearch before the tags are put in, so that a fragment
holds no markup but ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plugin.errors import InvalidRequest

MOST_WORDS = 16
"""Words that are looked for: each is compared with misspelt forms of itself in every field."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """``text`` to mark in ``fields``, between two ``tags``; ``whole`` is told uncut."""

    text: str
    fields: tuple[str, ...]
    tags: tuple[str, str]
    whole: str


def wanted(
    asked: bool | Sequence[str], usual: Sequence[str], types: Mapping[str, str]
) -> tuple[str, ...]:
    """The fields to mark: those asked for, or for True the ``usual`` ones.

    Raises:
        InvalidRequest: a field that has no words to mark, naming near ones.
    """
    if isinstance(asked, bool):
        return tuple(usual) if asked else ()
    known = [field for field, kind in types.items() if kind == "text"]
    for field in asked:
        if field not in known:
            # Of a field and its other readings (name.prefix) it is the field that people mean.
            whole = [one for one in known if one.rpartition(".")[0] not in types]
            near = difflib.get_close_matches(field, whole, n=3, cutoff=0.5) or usual
            raise InvalidRequest(
                f"highlight: {field[:60]!r} is no field of words. There are: {', '.join(near)}."
            )
    return tuple(dict.fromkeys(asked))


def highlight_body(highlight: Highlight) -> dict[str, Any]:
    """The ``highlight`` part of a search body."""
    text = " ".join(highlight.text.split()[:MOST_WORDS])
    fields: dict[str, Any] = {field: {} for field in highlight.fields}
    if highlight.whole in fields:
        fields[highlight.whole] = {"number_of_fragments": 0}
    return {
        "encoder": "html",
        "pre_tags": [highlight.tags[0]],
        "post_tags": [highlight.tags[1]],
        "fragment_size": 160,
        "number_of_fragments": 3,
        "fields": fields,
        "highlight_query": {
            "multi_match": {
                "query": text,
                "fields": list(highlight.fields),
                "fuzziness": "AUTO",
                "prefix_length": 1,
                "max_expansions": 10,
            }
        },
    }
