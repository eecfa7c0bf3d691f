"""How a query was read, as the API and ``ltrr understand`` tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bandit_service.page import Answer
from plugin.model import Slot
from plugin.understanding import understand


def understood(answer: Answer) -> dict[str, Any]:
    """The ``understanding`` of an answer: :class:`bandit_service.api.schemas.Understanding`."""
    words = understand(answer.text).words
    query = answer.query
    told = (
        told_reading(query.language, query.corrected, query.intents, query.slots)
        if query is not None
        else told_reading(None, "", {}, ())
    )
    return {
        "text": answer.text,
        "words": list(words),
        **told,
        "left_out": dict(answer.left_out),
    }


def told_reading(
    language: str | None,
    corrected: str,
    intents: Mapping[str, float],
    slots: Sequence[Slot],
) -> dict[str, Any]:
    """Language, corrections, intents and slots as JSON."""
    return {
        "language": language,
        "corrected": corrected,
        "intents": dict(intents),
        "slots": [
            {
                "role": slot.role,
                "field": slot.field,
                "value": slot.value,
                "words": slot.words,
                "start": slot.start,
                "end": slot.end,
                "likelihood": round(slot.likelihood, 4),
                "entity": slot.entity,
            }
            for slot in slots
        ],
    }
