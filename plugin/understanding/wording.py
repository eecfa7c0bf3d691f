"""``understanding.toml``: the words of queries that no index can tell.

Stop words and letters by language, words for entity types and facet values beyond the values
themselves, words for "new" and "popular", question words. The file is optional; without it, and
for what it leaves out, only the index's own words are understood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin.assets.problems import Problem, near, read_toml, refuse, unknown_keys
from plugin.assets.schema import Schema
from plugin.understanding.normalise import normalise

FILE = "understanding.toml"

_LISTS = ("recent", "popular", "questions")
_TABLES = ("stop_words", "letters", "types", "values")

Phrases = Mapping[str, tuple[str, ...]]
"""A value and the normalised phrases that stand for it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What the file says; all words are normalised, ``letters`` are lower case.

    ``stop_words`` and ``letters`` by language code, ``types`` by type, ``values`` by field and
    then by value. ``fingerprint`` differs for files that say different things.
    """

    stop_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    letters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    types: Phrases = field(default_factory=dict)
    values: Mapping[str, Phrases] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    popular: tuple[str, ...] = ()
    questions: frozenset[str] = frozenset()
    fingerprint: str = ""

    def stops(self, word: str) -> bool:
        """Whether ``word`` is a stop word of any language."""
        return any(word in words for words in self.stop_words.values())

    def only_stops(self, words: tuple[str, ...]) -> bool:
        """Whether all ``words`` are stop words of one language (or there is none)."""
        return not words or any(stops.issuperset(words) for stops in self.stop_words.values())


def load_wording(folder: Path, schema: Schema) -> Wording:
    """Read ``folder/understanding.toml``; what is empty where there is no such file.

    Raises:
        InvalidAssets: naming every key that cannot be used.
    """
    problems: list[Problem] = []
    wording = read_wording(folder, schema, problems)
    refuse(problems)
    return wording


def read_wording(folder: Path, schema: Schema | None, problems: list[Problem]) -> Wording:
    """Like :func:`load_wording`, but adds to ``problems`` instead of raising."""
    if not (folder / FILE).exists():
        return Wording()
    given = read_toml(folder, FILE, problems)
    if given is None:
        return Wording()
    problems.extend(unknown_keys(given, (*_LISTS, *_TABLES), FILE))
    form = _Form(given, problems)
    lists = {key: form.phrases(given.get(key, []), key) for key in _LISTS}
    stop_words = form.table("stop_words")
    values = {name: form.inner("values", name) for name in form.keys("values")}
    if schema is not None:
        for name in values:
            if name not in schema.facets:
                message = f"{name!r} is no facet of schema.toml; {near(name, schema.facets)}"
                problems.append(Problem(FILE, f"values.{name}", message))
    return Wording(
        stop_words={code: frozenset(words) for code, words in stop_words.items()},
        letters={code: form.letters(code) for code in form.keys("letters")},
        types=form.table("types"),
        values=values,
        recent=lists["recent"],
        popular=lists["popular"],
        questions=frozenset(lists["questions"]),
        fingerprint=hashlib.blake2b(repr(given).encode(), digest_size=8).hexdigest(),
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """The parts of the file; whatever does not fit becomes a problem."""

    given: Mapping[str, Any]
    problems: list[Problem]

    def _wrong(self, place: str, message: str) -> None:
        self.problems.append(Problem(FILE, place, message))

    def keys(self, key: str) -> list[str]:
        table = self.given.get(key, {})
        if not isinstance(table, dict):
            self._wrong(key, "must be a table")
            return []
        return list(table)

    def phrases(self, value: Any, place: str) -> tuple[str, ...]:
        """A list of words, or words in one text separated by spaces."""
        if isinstance(value, str):
            value = value.split()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(place, "must be a list of words, or one text with spaces between them")
            return ()
        return tuple(dict.fromkeys(words for item in value if (words := normalise(item))))

    def letters(self, code: str) -> frozenset[str]:
        value = self.given["letters"][code]
        if not isinstance(value, str):
            self._wrong(f"letters.{code}", "must be a text of letters")
            return frozenset()
        return frozenset(value.casefold()) - {" "}

    def table(self, key: str) -> dict[str, tuple[str, ...]]:
        keys = self.keys(key)
        return {name: self.phrases(self.given[key][name], f"{key}.{name}") for name in keys}

    def inner(self, key: str, name: str) -> dict[str, tuple[str, ...]]:
        table = self.given[key][name]
        if not isinstance(table, dict):
            self._wrong(f"{key}.{name}", "must be a table: value = words")
            return {}
        return {
            value: self.phrases(words, f"{key}.{name}.{value}") for value, words in table.items()
        }
