"""Judgments as files: for the Search Relevance Workbench, and as TREC qrels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from bandit_service.evaluation.implicit.judging import Judgments, Method
from plugin.errors import InvalidRequest

BEST: Final = 4
"""The highest grade in qrels."""
_STEPS: Final = {"coec": 2.0, "examination": float(BEST)}
"""Grades per rating: of COEC 1 (as expected) becomes 2, of an examined choice always 4."""


def workbench(judgments: Iterable[Judgments], name: str, method: Method) -> dict[str, Any]:
    """The body of ``PUT _plugins/_search_relevance/judgments``: ratings are decimal texts there."""
    return {
        "name": name,
        "description": f"What people chose, by {method}, from the journal of ltrr.",
        "type": "IMPORT_JUDGMENT",
        "judgmentRatings": [
            {
                "query": one.text,
                "ratings": [
                    {"docId": entity, "rating": f"{rating:.3f}"}
                    for entity, rating in one.ratings.items()
                ],
            }
            for one in judgments
        ],
    }


def qrels(judgments: Sequence[Judgments], method: Method) -> str:
    """TREC qrels: ``query 0 entity grade`` in a line, grades 0 to 4. Queries go by their keys.

    Raises:
        InvalidRequest: an id holds white space, which qrels cannot say.
    """
    lines = []
    for one in judgments:
        for entity, rating in one.ratings.items():
            if len(entity.split()) != 1:
                raise InvalidRequest(
                    f"the id {entity!r} holds white space, which TREC files cannot; "
                    "use --format srw"
                )
            lines.append(f"{one.key} 0 {entity} {grade(rating, method)}\n")
    return "".join(lines)


def queries(judgments: Iterable[Judgments]) -> str:
    """What the keys in qrels stand for: ``key<tab>text`` in a line."""
    return "".join(f"{one.key}\t{' '.join(one.text.split())}\n" for one in judgments)


def grade(rating: float, method: Method) -> int:
    """A whole grade (0..4) of a rating."""
    return min(BEST, max(0, round(rating * _STEPS[method])))
