"""Entities → phrases and what they can mean: pure, no index and no file.

A phrase is the units of a name, an alias, a maker or a facet value, joined by spaces. Every meaning
has a weight in 0..1, so that of two readings of one phrase the more usual is the likelier.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from plugin.assets.schema import Schema
from plugin.nested import value_at
from plugin.understanding.normalise import normalise
from plugin.understanding.units import units_of
from plugin.understanding.wording import Wording

MOST_UNITS = 24
"""Units of the longest phrase; what goes on after that is not read as a name."""

_LEAST = 0.05
_UNKNOWN_POPULARITY = 0.3  # as percentile, where others have one
_ALIAS = 0.6  # a name is what most people type
_OTHER_WORDS = 0.7  # "love" may be said for what is filed under "romantic", and for much else


class Meaning(NamedTuple):
    """What a phrase can mean: see ``plugin.model.Slot``. ``weight`` is in 0..1.

    ``own``: the phrase is the value itself, not another name for it.
    """

    role: str
    field: str
    value: str
    entity: str | None
    weight: float
    own: bool = True


@dataclass(frozen=True, slots=True)
class Parts:
    """Which field of an entity plays which part, and in ``exact`` the field to compare with."""

    schema: Schema
    exact: Mapping[str, str]

    @property
    def read(self) -> tuple[str, ...]:
        """The fields that :meth:`Gathering.add` looks at."""
        s = self.schema
        wanted = (s.name, s.aliases, s.by, s.type, s.language, s.popularity, *s.facets)
        return tuple(dict.fromkeys(name for name in wanted if name))


def parts_of(schema: Schema, types: Mapping[str, str]) -> Parts:
    """``types`` are the mapping's fields with their types; what has no keyword is left out."""
    exact: dict[str, str] = {}
    for name in (schema.name, schema.by, schema.type, schema.language, *schema.facets):
        if not name:
            continue
        if types.get(name) == "keyword":
            exact[name] = name
            continue
        inner = sorted(
            path
            for path, kind in types.items()
            if kind == "keyword" and path.startswith(f"{name}.")
        )
        usual = f"{name}.keyword"
        if inner:
            exact[name] = usual if usual in inner else inner[0]
    return Parts(schema, exact)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Phrases with their meanings, the weightiest first.

    ``languages`` count entities by code, and ``language_field`` is the one to compare that with.
    """

    phrases: Mapping[str, tuple[Meaning, ...]]
    languages: Mapping[str, int]
    language_field: str | None
    entities: int


@dataclass(slots=True)
class Gathering:
    """Takes in entities one by one; :meth:`finish` weighs them against each other."""

    parts: Parts
    _named: list[tuple[str, str, tuple[str, ...], float | None]] = field(default_factory=list)
    _makers: dict[str, list[int]] = field(default_factory=dict)
    _facets: dict[tuple[str, str], int] = field(default_factory=dict)
    _languages: dict[str, int] = field(default_factory=dict)

    def add(self, id: str, source: Mapping[str, Any]) -> None:
        """Take in one entity; what is missing or of an odd shape is passed over."""
        schema = self.parts.schema
        number = len(self._named)
        names = _texts(source, schema.name)
        popularity = value_at(source, schema.popularity)
        known = isinstance(popularity, int | float) and not isinstance(popularity, bool)
        self._named.append(
            (
                id,
                names[0] if names else "",
                (*names[1:], *_texts(source, schema.aliases)),
                float(popularity) if known and math.isfinite(popularity) else None,
            )
        )
        for maker in _texts(source, schema.by):
            self._makers.setdefault(maker, []).append(number)
        for language in _texts(source, schema.language):
            self._languages[language] = self._languages.get(language, 0) + 1
        for facet in dict.fromkeys((schema.type, *schema.facets)):
            if facet != schema.language:
                for value in _texts(source, facet):
                    self._facets[facet, value] = self._facets.get((facet, value), 0) + 1

    def finish(self, wording: Wording) -> Gathered:
        """All phrases of what was taken in, and those of ``wording`` that mean something here."""
        phrases: dict[str, list[Meaning]] = {}

        def say(text: str, meaning: Meaning) -> None:
            if key := phrase_key(text):
                phrases.setdefault(key, []).append(meaning)

        weights = _weights([popularity for *_, popularity in self._named])
        exact, schema = self.parts.exact, self.parts.schema
        makers = self._weighed_makers(weights)
        for (id, name, aliases, _), weight in zip(self._named, weights, strict=True):
            meaning = Meaning("name", exact.get(schema.name, "_id"), name, id, weight)
            say(name, meaning)
            for text in dict.fromkeys(aliases):
                say(text, _less(meaning, _ALIAS))
                # Who made something is often known by other names too.
                if name in makers:
                    say(text, _less(makers[name], _ALIAS))
        for maker, meaning in makers.items():
            say(maker, meaning)
        for (facet, value), meaning in self._weighed_facets().items():
            # "de" and "it" are words of queries; as codes of languages nobody types them.
            own = () if meaning.role == "language" else (value,)
            for text in own:
                say(text, meaning)
            other = _less(meaning, _OTHER_WORDS)
            for text in self._other_words(facet, value, wording):
                say(text, meaning._replace(own=False) if meaning.role == "type" else other)
        for role, field_, words in (
            ("recent", schema.published, wording.recent),
            ("popular", schema.popularity, wording.popular),
        ):
            for text in words if field_ else ():
                say(text, Meaning(role, field_ or "", "", None, 1.0))
        return Gathered(
            {key: _sorted(meanings) for key, meanings in phrases.items()},
            dict(self._languages),
            exact.get(schema.language or ""),
            len(self._named),
        )

    def _weighed_makers(self, weights: list[float]) -> dict[str, Meaning]:
        path = self.parts.exact.get(self.parts.schema.by or "")
        if path is None:
            return {}
        most = math.log1p(max((len(made) for made in self._makers.values()), default=1))
        return {
            maker: Meaning(
                "by",
                path,
                maker,
                None,
                (max(weights[number] for number in made) + math.log1p(len(made)) / most) / 2,
            )
            for maker, made in self._makers.items()
        }

    def _weighed_facets(self) -> dict[tuple[str, str], Meaning]:
        all_ = math.log1p(max(1, len(self._named)))
        weighed: dict[tuple[str, str], Meaning] = {}
        for (facet, value), count in self._facets.items():
            role = "type" if facet == self.parts.schema.type else "facets"
            if path := self.parts.exact.get(facet):
                weight = 1.0 if role == "type" else 0.4 + 0.6 * math.log1p(count) / all_
                weighed[facet, value] = Meaning(role, path, value, None, weight)
        for language in self._languages:
            if path := self.parts.exact.get(self.parts.schema.language or ""):
                meaning = Meaning("language", path, language, None, 0.9)
                weighed[self.parts.schema.language or "", language] = meaning
        return weighed

    def _other_words(self, facet: str, value: str, wording: Wording) -> Iterable[str]:
        if facet == self.parts.schema.type:
            yield from wording.types.get(value, ())
        yield from wording.values.get(facet, {}).get(value, ())


def phrase_key(text: str) -> str:
    """The key of a phrase: its units, joined by spaces; "" when it is too long to be one."""
    units = units_of(normalise(text).split(), MOST_UNITS + 1).units
    return " ".join(units) if len(units) <= MOST_UNITS else ""


def _less(meaning: Meaning, share: float) -> Meaning:
    return meaning._replace(weight=meaning.weight * share, own=False)


def _sorted(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    return tuple(sorted(dict.fromkeys(meanings), key=lambda one: (-one.weight, one[:3])))


def _weights(popularities: list[float | None]) -> list[float]:
    """A popularity's weight is the square of its percentile: no scale of numbers is assumed."""
    known = np.sort(np.array([one for one in popularities if one is not None], dtype=float))
    if not len(known) or known[0] == known[-1]:
        return [0.5] * len(popularities)
    given = np.array([np.nan if one is None else one for one in popularities], dtype=float)
    low = np.searchsorted(known, given, side="left")
    high = np.searchsorted(known, given, side="right")
    percentile = np.where(np.isnan(given), _UNKNOWN_POPULARITY, (low + high) / 2 / len(known))
    weights: list[float] = (_LEAST + (1 - _LEAST) * percentile**2).tolist()
    return weights


def _texts(source: Mapping[str, Any], path: str | None) -> list[str]:
    value = value_at(source, path)
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, str) and one.strip()]
