"""What the acting session itself chose or refused for this query, seen at once.

Others see a choice when enough sessions made it; the one who made it should not have to wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugin.model import Candidate, Provenance

SESSION = "session"
"""Stands in a candidate's provenance where a strategy's name would."""


def join(candidates: Sequence[Candidate], grades: Mapping[str, float]) -> list[Candidate]:
    """Mark what the session chose, and add what it chose that no strategy brought.

    ``grades`` maps entity → grade, positive for a choice, negative for a refusal.
    """
    chosen = sorted(
        ((id, grade) for id, grade in grades.items() if grade > 0),
        key=lambda pair: (-pair[1], pair[0]),
    )
    origin = {
        id: Provenance(SESSION, rank, grade) for rank, (id, grade) in enumerate(chosen, start=1)
    }
    marked = [
        candidate._replace(provenance=(*candidate.provenance, origin[candidate.id]))
        if candidate.id in origin
        else candidate
        for candidate in candidates
    ]
    there = {candidate.id for candidate in candidates}
    missing = [Candidate(id, 0.0, (origin[id],)) for id, _ in chosen if id not in there]
    return [*marked, *missing]


def lift(candidates: Sequence[Candidate], grades: Mapping[str, float]) -> list[Candidate]:
    """Chosen entities first, best grade on top; refused ones last; the others as they were."""

    def place(candidate: Candidate) -> tuple[int, float]:
        grade = grades.get(candidate.id, 0.0)
        if grade > 0:
            return (0, -grade)
        return (2, -grade) if grade < 0 else (1, 0.0)

    return sorted(candidates, key=place)
