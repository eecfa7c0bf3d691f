"""What kind of answer a query is after, as a distribution over five intents.

``known_item``: one entity, by its name. ``attribute``: what has certain values or makers.
``broad``: a whole kind of entities, or what is new or popular. ``topic``: what is about something.
``question``: an answer to a question.
"""

from __future__ import annotations

from collections.abc import Sequence

from plugin.model import Slot
from plugin.understanding.reading import Understanding
from plugin.understanding.wording import Wording

INTENTS = ("known_item", "attribute", "topic", "broad", "question")

_MOST_WORDS = 64  # the kind of a query shows by then
_READ = ("name", "by", "facets", "type", "language", "recent", "popular")
_MARKS = frozenset("?？؟;")


def intents_of(reading: Understanding, slots: Sequence[Slot], wording: Wording) -> dict[str, float]:
    """Likelihoods of :data:`INTENTS`; they sum to 1 unless there is no word at all."""
    if not reading.words:
        return {}
    words = reading.words[:_MOST_WORDS]
    content = [at for at, word in enumerate(words) if not wording.stops(word)]
    content = content or list(range(len(words)))

    def best(at: int, *roles: str) -> float:
        """The likelihood of the best reading of a word in these roles."""
        fitting = (s.likelihood for s in slots if s.role in roles and s.start <= at < s.end)
        return max(fitting, default=0.0)

    def coverage(*roles: str) -> float:
        return sum(best(at, *roles) for at in content) / len(content)

    asks = reading.words[0] in wording.questions or reading.text[-1:] in _MARKS
    named = coverage("name")
    whole = max(
        (s.likelihood for s in slots if s.role == "name" and s.end - s.start == len(reading.words)),
        default=0.0,
    )
    unread = sum((1 - best(at, *_READ)) ** 2 for at in content) / len(content)
    scores = {
        "known_item": named + whole,
        "attribute": coverage("facets", "by"),
        "topic": unread * min(1.0, len(content) / 3),
        "broad": coverage("type", "recent", "popular") * (1 - named),
        "question": 1.5 * asks,
    }
    total = sum(scores.values())
    if total < 0.05:  # a few words that are not understood
        return {name: float(name == "topic") for name in INTENTS}
    return {name: round(score / total, 4) for name, score in scores.items()}
