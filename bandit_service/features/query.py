"""What a query says: the shape of its text, and how it was read."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping

from plugin.model import Query
from plugin.understanding import normalise
from plugin.understanding.intents import INTENTS

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

SCRIPTS = (
    "latin",
    "cyrillic",
    "greek",
    "arabic",
    "hebrew",
    "devanagari",
    "thai",
    "hangul",
    "kana",
    "cjk",
)
"""Told by the first words of the letters' Unicode names."""

_READ = 0.2
"""From this likelihood on, a word counts as understood."""


def shape(text: str) -> dict[str, float]:
    """Length, characters, scripts (each a share of the letters), and signs of a question."""
    tokens = normalise(text).split()
    characters = sum(len(token) for token in tokens)
    letters = [char for char in text if char.isalpha()]
    written = _scripts(letters)
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
        **{f"script_{script}": min(1.0, written[script]) for script in SCRIPTS},
        "other_script": max(0.0, 1 - written["latin"]) if letters else 0.0,
        "capitals": capitals / len(letters) if letters else 0.0,
        "question": float(
            bool(tokens and tokens[0] in QUESTION_WORDS)
            or bool(QUESTION_MARKS.intersection(text.rstrip()[-1:]))
        ),
        "quoted": float(text.count('"') >= 2),
        "ends_with_space": float(text[-1:].isspace()),
    }


def _scripts(letters: list[str]) -> Mapping[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for letter in letters:
        first = unicodedata.name(letter, "").partition(" ")[0].lower()
        shares["kana" if first in ("hiragana", "katakana") else first] += 1 / len(letters)
    return shares


def readings(query: Query) -> dict[str, float]:
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
        **({f"language={query.language}": 1.0} if query.language else {}),
    }
