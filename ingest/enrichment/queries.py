"""Predicts the queries that an entity may answer, offline, from the roles of its fields.

A query that names one entity is worth more than one that describes hundreds. The predictor knows
the roles only. *Qualifiers* are the short texts beside the name that tell equal names apart (a
maker, a collection): fields that are embedded and displayed, and no facets.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.enrichment.prediction import CANDIDATES, Prediction, best
from ingest.enrichment.shares import share
from ingest.enrichment.values import texts
from plugin.assets.schema import Schema

VALUES = 3
"""Values of one field that are used: the first ones are the ones people know."""
KINDS = 2
"""Words for the type that are used: its own, and one that people say (often its plural)."""
FACETS = 5

Kinds = Mapping[str, Sequence[str]]
"""By type, what people call it."""


class OfflinePredictor:
    """Predicts from the document alone; see :class:`ingest.enrichment.prediction.Predictor`."""

    def __init__(self, schema: Schema, kinds: Kinds | None = None) -> None:
        self._schema = schema
        self._kinds = kinds or {}

    @property
    def fallbacks(self) -> int:
        return 0

    def predict(self, documents: Sequence[Mapping[str, Any]]) -> list[tuple[Prediction, ...]]:
        """See :meth:`Predictor.predict`."""
        return [predict(document, self._schema, self._kinds) for document in documents]


def predict(
    document: Mapping[str, Any],
    schema: Schema,
    kinds: Kinds | None = None,
    most: int = CANDIDATES,
) -> tuple[Prediction, ...]:
    """The predicted queries of ``document``, best first, at most ``most``; deterministic."""
    return best(_candidates(document, schema, kinds or {}), most)


def _candidates(
    document: Mapping[str, Any], schema: Schema, called: Kinds
) -> Iterator[tuple[str, float]]:
    names = texts(document, schema.name)[:1]
    aliases = texts(document, schema.aliases)[:VALUES] if schema.aliases else []
    types = texts(document, schema.type)[:1] if schema.type else []
    kinds = list(dict.fromkeys(itertools.chain(types, *(called.get(one, ()) for one in types))))
    known = {schema.name, schema.aliases, schema.type}
    qualifiers = [
        texts(document, field)[:VALUES]
        for field in schema.text
        if field in schema.display and field not in schema.facets and field not in known
    ]
    facets = [
        value
        for field in schema.facets
        if field != schema.type and field in schema.text
        for value in texts(document, field)[:VALUES]
    ]
    yield from _specific(names, aliases, kinds[:1], qualifiers)
    # From here on a query fits many entities, of which the popular ones are chosen more often.
    broad = share(document, schema)
    for text, score in _broad(facets, kinds[:KINDS], qualifiers):
        yield text, broad * score


def _specific(
    names: Sequence[str],
    aliases: Sequence[str],
    kinds: Sequence[str],
    qualifiers: Sequence[Sequence[str]],
) -> Iterator[tuple[str, float]]:
    """Queries that name the entity."""
    for name in names:
        yield name, 0.4
        for field, values in enumerate(qualifiers):
            for value in values:
                # The first qualifier is the one that people add; later ones are rarer.
                score = 0.5 - 0.1 * min(field, 2)
                yield f"{name} {value}", score
                yield f"{value} {name}", score - 0.05
        for kind in kinds:
            yield f"{name} {kind}", 0.35
    for alias in aliases:
        yield alias, 0.35
        for value in itertools.chain.from_iterable(qualifiers[:1]):
            yield f"{alias} {value}", 0.35


def _broad(
    facets: Sequence[str], kinds: Sequence[str], qualifiers: Sequence[Sequence[str]]
) -> Iterator[tuple[str, float]]:
    """Queries that describe the entity, and others like it."""
    for field, values in enumerate(qualifiers):
        for value in values:
            yield value, 0.16 / (1 + field)
            for place, kind in enumerate(kinds):
                yield f"{value} {kind}", (0.2 - 0.01 * place) / (1 + field)
    for facet in facets:
        yield facet, 0.04
        for place, kind in enumerate(kinds):
            yield f"{facet} {kind}", 0.06 - 0.005 * place
        for value in itertools.chain.from_iterable(qualifiers[:1]):
            yield f"{facet} {value}", 0.12
    for first, second in itertools.combinations(facets[:FACETS], 2):
        yield f"{first} {second}", 0.05
        # "rainy sunday songs": what people say last is the name of many, where there is one.
        for kind in kinds[-1:]:
            yield f"{first} {second} {kind}", 0.055
            yield f"{second} {first} {kind}", 0.045
