"""Query × decision → the lines of one ``_msearch/template`` request.

The text of a query is only ever the value of a JSON parameter: whatever a person types, it cannot
change the body that a template renders to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plugin.model import Choice, Clause, Decision, Query
from plugin.strategies import Strategy

MOST_WORDS = 64
"""Words of a query that are searched for. OpenSearch bounds the clauses of a query, and a fuzzy
word becomes dozens of them; nobody's 65th word changes what they want."""


@dataclass(frozen=True, slots=True)
class Eligible:
    """The strategies that a query can be given to, and why not the others (by name)."""

    strategies: tuple[Strategy, ...]
    left_out: Mapping[str, str]


def eligible(strategies: Sequence[Strategy], query: Query) -> Eligible:
    """Sort out what this query can be given to.

    A strategy is eligible when the query meets its needs, it belongs to the first stage and it
    returns some wanted entity type. One that needs nothing has the same answer for every query: it
    is for queries that say nothing. What is left out is reported; it is not counted against it.
    """
    met = needs_met(query)
    fitting: list[Strategy] = []
    left_out: dict[str, str] = {}
    for strategy in strategies:
        missing = sorted(strategy.needs - met)
        if strategy.stage != 1:
            left_out[strategy.name] = "belongs to the second stage"
        elif not strategy.needs and query.memory_key:
            left_out[strategy.name] = "is for queries without a word"
        elif missing:
            left_out[strategy.name] = f"needs {', '.join(missing)}"
        elif (
            query.types
            and strategy.entity_types
            and not set(strategy.entity_types) & set(query.types)
        ):
            left_out[strategy.name] = f"returns only {', '.join(sorted(strategy.entity_types))}"
        else:
            fitting.append(strategy)
    return Eligible(tuple(fitting), left_out)


def needs_met(query: Query) -> frozenset[str]:
    """The parameters that this query has something for."""
    met = {"now"}
    if query.memory_key:
        met |= {"text", "memory_key"}
    if query.vector is not None:
        met.add("vector")
    return frozenset(met)


def rewrite(
    query: Query,
    decision: Decision,
    strategies: Sequence[Strategy],
    name: Callable[[str], str],
    type_field: str,
) -> list[dict[str, Any]]:
    """Two lines per included choice, in the decision's order: where to search, and what for.

    ``name`` turns a logical name into the one in the cluster (``Cluster.name``); ``type_field`` is
    the schema's, for strategies that return certain entity types only.
    """
    by_name = {strategy.name: strategy for strategy in strategies}
    lines: list[dict[str, Any]] = []
    for choice in decision.included:
        strategy = by_name[choice.strategy]
        lines.append({"index": [name(index) for index in strategy.indexes]})
        lines.append(
            {"id": name(strategy.name), "params": parameters(query, choice, strategy, type_field)}
        )
    return lines


def parameters(query: Query, choice: Choice, strategy: Strategy, type_field: str) -> dict[str, Any]:
    """The parameters of one strategy's template."""
    filters: list[Clause] = list(query.filters)
    if strategy.entity_types:
        filters.append({"terms": {type_field: sorted(strategy.entity_types)}})
    params: dict[str, Any] = {
        "text": shortened(query.text),
        "memory_key": query.memory_key,
        "now": iso(query.now),
        "size": max(1, choice.candidates),
        "filters": filters,
    }
    # 384 numbers are most of a request: only those who read it get the vector.
    if query.vector is not None and "vector" in strategy.needs:
        params["vector"] = list(query.vector)
    return params


def shortened(text: str) -> str:
    """The first words of ``text``, as many as are searched for, with single spaces."""
    return " ".join(text.split()[:MOST_WORDS])


def iso(moment: datetime) -> str:
    """``moment`` in UTC as OpenSearch's ``strict_date_time`` reads it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
