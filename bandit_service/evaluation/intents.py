"""What simulated people want: hidden intents, made from the entities themselves.

Nothing here knows a domain: the schema says which field is the name and which are facets; the
other short fields of the entity's text (makers, wholes it belongs to, ...) are its *company*.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bandit_service.evaluation.typos import misspell
from plugin.assets.schema import Schema
from plugin.errors import InvalidRequest

LONGEST: Final = 40
"""Characters: a longer text is prose, which nobody types as the maker of something."""

KINDS: Final[Mapping[str, float]] = {
    "name": 0.3,
    "name and company": 0.2,
    "misspelt": 0.2,
    "wish": 0.2,
    "company": 0.1,
}
"""How often each kind of intent is drawn."""

RARE: Final = 3
"""Parts of a query that hardly anybody types."""

TASTE: Final = 4
"""How many entities, besides what was hoped for, would do for a wish that many could meet."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants and what is typed for it. ``wanted`` are ids: entity → how glad (0..1)
    finding it makes."""

    kind: str
    text: str
    wanted: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Known:
    """An entity, by the parts that intents are made of."""

    id: str
    name: str
    company: tuple[str, ...]
    facets: tuple[str, ...]
    popularity: float


def draw_intents(
    entities: Sequence[Mapping[str, Any]], schema: Schema, n: int, rng: random.Random
) -> list[Intent]:
    """``n`` intents over ``entities`` (documents with their ``id``); popular ones are wanted more.

    Kinds that these entities cannot give (no facets, no company) fall back to names.

    Raises:
        InvalidRequest: no entity has a name.
    """
    known = [entity for entity in (_read(each, schema) for each in entities) if entity.name]
    if not known:
        raise InvalidRequest(
            "there is nothing to want: no entity has a name. `ltrr ingest` loads entities."
        )
    maker = _Maker(known)
    kinds, shares = list(KINDS), list(KINDS.values())
    return [maker.make(rng.choices(kinds, shares)[0], rng) for _ in range(n)]


def rare_queries(
    entities: Sequence[Mapping[str, Any]], schema: Schema, n: int, rng: random.Random
) -> list[str]:
    """``n`` queries that fit many entities a little, but that hardly anybody has typed before:
    three facets or company of one entity, in any order. Fewer where entities have fewer."""
    rich = [
        parts
        for entity in (_read(each, schema) for each in entities)
        if len(parts := tuple(dict.fromkeys(entity.facets + entity.company))) >= RARE
    ]
    return [" ".join(rng.sample(rng.choice(rich), RARE)) for _ in range(n)] if rich else []


class _Maker:
    """Makes one intent at a time, from indexes over the entities that are built once."""

    def __init__(self, known: Sequence[_Known]) -> None:
        self._known = known
        # Square roots: what is popular is wanted more, but the rest is wanted too.
        self._pull = [entity.popularity**0.5 for entity in known]
        self._by_company: dict[str, list[_Known]] = defaultdict(list)
        self._by_facet: dict[str, list[_Known]] = defaultdict(list)
        for entity in known:
            for text in entity.company:
                self._by_company[text].append(entity)
            for text in entity.facets:
                self._by_facet[text].append(entity)

    def make(self, kind: str, rng: random.Random) -> Intent:
        entity = rng.choices(self._known, self._pull)[0]
        if kind == "name and company" and entity.company:
            company = rng.choice(entity.company)
            return Intent(kind, f"{entity.name} {company}", {entity.id: 1.0})
        if kind == "misspelt" and (slipped := misspell(entity.name, rng)) != entity.name:
            return Intent(kind, slipped, {entity.id: 1.0})
        if kind == "wish" and entity.facets:
            return self._wish(entity, rng)
        if kind == "company" and entity.company:
            text = rng.choice(entity.company)
            named = [other for other in self._known if other.name == text]
            return Intent(kind, text, _glad(self._by_company[text], named, rng))
        return Intent("name", entity.name, {entity.id: 1.0})

    def _wish(self, entity: _Known, rng: random.Random) -> Intent:
        """One or two facets of ``entity``; it is hoped for, and some others that have them do."""
        facets = rng.sample(entity.facets, min(len(entity.facets), rng.choice((1, 2))))
        fitting = [other for other in self._by_facet[facets[0]] if set(facets) <= set(other.facets)]
        return Intent("wish", " ".join(facets), _glad(fitting, [entity], rng))


def _glad(
    fitting: Sequence[_Known], best: Sequence[_Known], rng: random.Random
) -> dict[str, float]:
    """``best`` is what was hoped for. Of the rest that fits, a few suit the taste behind this
    intent: what no text tells, and only choices can teach."""
    suits = rng.sample(list(fitting), min(TASTE, len(fitting)))
    return {entity.id: 0.6 for entity in suits} | {entity.id: 1.0 for entity in best}


def _read(entity: Mapping[str, Any], schema: Schema) -> _Known:
    facet_fields = [name for name in schema.facets if name != schema.type and name in schema.text]
    company_fields = [
        name
        for name in schema.text
        if name not in (schema.name, schema.aliases) and name not in facet_fields
    ]
    popularity = entity.get(schema.popularity) if schema.popularity else None
    return _Known(
        id=str(entity["id"]),
        name=next(iter(_texts(entity.get(schema.name))), ""),
        company=tuple(
            text
            for name in company_fields
            for text in _texts(entity.get(name))
            if len(text) <= LONGEST
        ),
        facets=tuple(text for name in facet_fields for text in _texts(entity.get(name))),
        popularity=float(popularity) if isinstance(popularity, int | float) else 1.0,
    )


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [text for each in values if (text := str(each).strip())]
