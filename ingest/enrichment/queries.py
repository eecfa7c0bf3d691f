"""Predicts the queries that an entity may answer, offline, from the roles of its fields.

A query's score is a pseudo click rate (0..1): how often a person who asks this would choose this
entity. The memory strategy serves it until real choices replace it. The exact numbers are a prior,
not a measurement; what matters is their order: a query that names one entity is worth more than one
that describes hundreds.

The predictor knows the roles only. *Qualifiers* are the short texts beside the name that tell equal
names apart (a maker, a collection): fields that are embedded and displayed, and no facets.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.enrichment.values import texts
from plugin.assets.schema import Schema
from plugin.understanding import memory_key, normalise

MOST = 24
"""Predicted queries an entity: more would cost index space and bring rarer and rarer queries."""

LONGEST = 100
"""Characters: nobody types a longer query for one entity."""

VALUES = 3
"""Values of one field that are used: the first ones are the ones people know."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A query in normalised words, its memory key, and its pseudo click rate."""

    query: str
    key: str
    score: float


def predict(document: Mapping[str, Any], schema: Schema) -> tuple[Prediction, ...]:
    """The predicted queries of ``document``, best first, at most :data:`MOST`; deterministic.

    A query that arises in several ways keeps its highest score.
    """
    best: dict[str, Prediction] = {}
    for text, score in _candidates(document, schema):
        query = normalise(text)
        if query and len(query) <= LONGEST:
            found = Prediction(query, memory_key(query), round(score, 4))
            known = best.get(found.key)
            if known is None or known.score < found.score:
                best[found.key] = found
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.query))[:MOST])


def _candidates(document: Mapping[str, Any], schema: Schema) -> Iterator[tuple[str, float]]:
    names = texts(document, schema.name)[:1]
    aliases = texts(document, schema.aliases)[:VALUES] if schema.aliases else []
    kinds = texts(document, schema.type)[:1] if schema.type else []
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
    broad = _share(document, schema)

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

    # From here on a query fits many entities, of which the popular ones are chosen more often.
    for field, values in enumerate(qualifiers):
        for value in values:
            yield value, broad * 0.16 / (1 + field)
            for kind in kinds:
                yield f"{value} {kind}", broad * 0.2 / (1 + field)
    for facet in facets:
        yield facet, broad * 0.04
        for kind in kinds:
            yield f"{facet} {kind}", broad * 0.06
        for value in itertools.chain.from_iterable(qualifiers[:1]):
            yield f"{facet} {value}", broad * 0.12
    for first, second in itertools.combinations(facets[:4], 2):
        yield f"{first} {second}", broad * 0.05


def _share(document: Mapping[str, Any], schema: Schema) -> float:
    """How much of a broad query's choices go to this entity, 0.25..1, from its popularity.

    The logarithm makes it independent enough of the unit: shares, plays and stars all work.
    """
    value = document.get(schema.popularity) if schema.popularity else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.25
    if not math.isfinite(value) or value <= 0:
        return 0.25
    known = math.log1p(value)
    return 0.25 + 0.75 * known / (known + 3.0)
