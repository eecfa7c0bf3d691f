"""Relations between entities, the way that they are written: what some entities point to.

The other way (what points to them) is a field that can be searched; this way it must be read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.model import Hit
from plugin.nested import value_at

MOST = 200
"""How many are told: the clauses of a search are bounded."""


def pointed_at(
    cluster: Cluster, field: str, seeds: Sequence[Hit], *, timeout_s: float | None = None
) -> list[Hit]:
    """What ``seeds`` point to in ``field``, themselves left out, the best first.

    A seed's score is shared out: a song's one maker says more of what was meant than each of the
    hundred songs of a playlist does (score / √n for each of n). An entity has the best it is given.

    Raises:
        NodeUnavailable: OpenSearch does not answer.
    """
    if not seeds:
        return []
    answer = cluster.request(
        "POST",
        f"/{cluster.name('entities')}/_mget",
        {"ids": [seed.id for seed in seeds]},
        params={"_source": field, "filter_path": "docs._id,docs._source"},
        timeout_s=timeout_s,
    )
    scores = {seed.id: seed.score for seed in seeds}
    found: dict[str, float] = {}
    for document in answer.get("docs", ()):
        seed = str(document["_id"])
        ids = list(dict.fromkeys(_ids(value_at(document.get("_source", {}), field))))
        for id in ids:
            if id not in scores:
                found[id] = max(found.get(id, 0.0), scores.get(seed, 0.0) / math.sqrt(len(ids)))
    best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    return [Hit(id, score) for id, score in best]


def relations_of(
    cluster: Cluster, schema: Schema, timeout_s: float | None = None
) -> Callable[[Sequence[Hit]], list[Hit]] | None:
    """:func:`pointed_at` for the field of the schema; None where it has none."""
    if schema.related is None:
        return None
    return partial(pointed_at, cluster, schema.related, timeout_s=timeout_s)


def _ids(value: Any) -> Iterator[str]:
    """Every id below ``value``: a relation's name → id, or several."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)
    elif isinstance(value, str) and value:
        yield value
