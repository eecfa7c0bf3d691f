"""What is known before retrieval, as named floats: of a query (the context) and of a strategy.

No feature holds text or an identifier: the context is written to the journal and read by models.
All values are within -1..1 or small counts scaled by a fixed constant, so that a linear model
learns every feature at about the same pace.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING

from bandit_service.policies.explorer import REVISION
from plugin.model import Query
from plugin.understanding import normalise
from plugin.understanding.intents import INTENTS

if TYPE_CHECKING:
    from plugin.strategies import Strategy

# Only a hint for the models, and only for languages where such words are few and usual; other
# languages are still told apart by the question mark.
_WORDS = """
who what when where why which how whose whom
wer was wann wo warum welche welcher welches wie
qui que quand pourquoi quel quelle comment
quien cuando donde cual como
chi che dove perche quale
"""
QUESTION_WORDS = frozenset(_WORDS.split())
QUESTION_MARKS = frozenset("?？؟;")

_READ = 0.2
"""From this likelihood on, a word counts as understood."""


def featurise(
    query: Query,
    *,
    session_seen: bool = False,
    user_known: bool = False,
    memory_hit: bool = False,
    memory_confidence: float = 0.0,
) -> dict[str, float]:
    """The context of ``query``.

    ``session_seen``: this session has asked before; ``user_known``: the user has a history;
    ``memory_hit``: people have chosen something for this very query, with
    ``memory_confidence`` (0..1) in the best of it.
    """
    return {
        **_shape(query.text),
        **_time(query.now),
        **_readings(query),
        "vector": float(query.vector is not None),
        "filtered": float(bool(query.filters)),
        "types": min(1.0, len(query.types) / 4),
        "one_type": float(len(query.types) == 1),
        "locale": float(query.locale is not None),
        "session_given": float(query.session is not None),
        "session_seen": float(session_seen),
        "user_given": float(query.user is not None),
        "user_known": float(user_known),
        "memory_hit": float(memory_hit),
        "memory_confidence": min(1.0, max(0.0, memory_confidence)),
    }


def strategy_features(strategy: Strategy) -> dict[str, float]:
    """What is known of a strategy without having run it.

    ``revision=<hash>`` changes with anything that changes what the strategy finds: the Explorer
    lets a changed strategy earn its share anew.
    """
    said = "\0".join((strategy.template, *sorted(strategy.indexes), *sorted(strategy.needs)))
    revision = hashlib.blake2b(said.encode(), digest_size=4).hexdigest()
    return {
        f"family={strategy.family}": 1.0,
        "cost": math.log1p(max(0.0, strategy.cost)) / 4,
        "second_stage": float(strategy.stage == 2),
        "typed": float(bool(strategy.entity_types)),
        f"{REVISION}{revision}": 1.0,
    }


def _shape(text: str) -> dict[str, float]:
    tokens = normalise(text).split()
    characters = sum(len(token) for token in tokens)
    letters = [char for char in text if char.isalpha()]
    strange = sum(1 for char in letters if "LATIN" not in unicodedata.name(char, ""))
    digits = sum(1 for char in text if char.isdigit())
    capitals = sum(1 for char in letters if char.isupper())
    size = max(1, characters)
    return {
        "tokens": min(1.0, len(tokens) / 16),
        "one_token": float(len(tokens) == 1),
        "two_tokens": float(len(tokens) == 2),
        "long": float(len(tokens) >= 6),
        "sentence": float(len(tokens) >= 10),
        "characters": min(1.0, characters / 100),
        "token_length": min(1.0, characters / max(1, len(tokens)) / 12),
        "digits": min(1.0, digits / size),
        "has_digit": float(digits > 0),
        "other_script": strange / len(letters) if letters else 0.0,
        "capitals": capitals / len(letters) if letters else 0.0,
        "question": float(
            bool(tokens and tokens[0] in QUESTION_WORDS)
            or bool(QUESTION_MARKS.intersection(text.rstrip()[-1:]))
        ),
        "quoted": float(text.count('"') >= 2),
        "ends_with_space": float(text[-1:].isspace()),
    }


def _readings(query: Query) -> dict[str, float]:
    """How well the query was understood, and as what."""

    def best(*roles: str) -> float:
        return max((slot.likelihood for slot in query.slots if slot.role in roles), default=0.0)

    words = max(1, len(normalise(query.text).split()))
    # A language is no reading of any word in particular.
    read = {
        at
        for slot in query.slots
        if slot.words and slot.likelihood >= _READ
        for at in range(slot.start, slot.end)
    }
    whole = (s for s in query.slots if s.role == "name" and s.end - s.start == words)
    return {
        "read_name": best("name"),
        "read_whole_name": max((slot.likelihood for slot in whole), default=0.0),
        "read_maker": best("by"),
        "read_value": best("facets"),
        "read_type": best("type"),
        "read_recent": best("recent"),
        "read_popular": best("popular"),
        "read_language": best("language"),
        "read_words": min(1.0, len(read) / words),
        "readings": min(1.0, len(query.slots) / 12),
        "corrected": float(bool(query.corrected)),
        "language_known": float(query.language is not None),
        **{f"intent_{name}": query.intents.get(name, 0.0) for name in INTENTS},
    }


def _time(now: datetime) -> dict[str, float]:
    hour = 2 * math.pi * (now.hour + now.minute / 60) / 24
    day = 2 * math.pi * now.weekday() / 7
    return {
        "hour_sin": math.sin(hour),
        "hour_cos": math.cos(hour),
        "weekday_sin": math.sin(day),
        "weekday_cos": math.cos(day),
        "weekend": float(now.weekday() >= 5),
    }
