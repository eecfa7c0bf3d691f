"""Query × decision → the lines of one ``_msearch/template`` request.

The text of a query is only ever the value of a JSON parameter: whatever a person types, it cannot
change the body that a template renders to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from plugin.model import Choice, Clause, Hit, Query
from plugin.strategies import SAYING, Strategy
from plugin.understanding.units import spaceless

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

    A strategy is eligible when the query meets its needs and it returns some wanted entity type.
    One that reads nothing of the query's words has the same answer for every text: it is for
    queries that say nothing. A second hop is eligible when there is a first one. What is left out
    is reported; it is not counted against it.
    """
    met = needs_met(query)
    words = sum(map(_weight, query.text.split()))
    fitting: list[Strategy] = []
    left_out: dict[str, str] = {}
    for strategy in sorted(strategies, key=lambda strategy: strategy.stage):
        if strategy.stage == 2 and any(one.stage == 1 for one in fitting):
            met |= {"entities", "pointed_at"}
        missing = sorted(strategy.needs - met)
        if not strategy.reads & SAYING and not query.says_nothing:
            left_out[strategy.name] = "is for queries that say nothing"
        elif strategy.most_words and words > strategy.most_words:
            left_out[strategy.name] = f"is for queries of at most {strategy.most_words} words"
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
    """The parameters that this query has something for, before anything was retrieved."""
    known = {
        "now": True,
        "text": not query.says_nothing,
        "memory_key": query.memory_key,
        "vector": query.vector is not None,
        "adapted_vector": query.adapted_vector is not None,
        "slots": query.slots,
        "corrected": query.corrected,
        "rewritten": meant(query),
        "rest": query.rest,
        "sparse": query.sparse,
        "user_vector": query.user_vector,
        "session_vector": query.session_vector,
        "graph_vector": query.graph_vector,
        "trending": query.trending,
    }
    return frozenset(name for name, value in known.items() if value)


def rewrite(
    query: Query,
    choices: Sequence[Choice],
    strategies: Sequence[Strategy],
    name: Callable[[str], str],
    type_field: str,
    entities: Sequence[Hit] = (),
    pointed_at: Sequence[Hit] = (),
) -> list[dict[str, Any]]:
    """Two lines per choice, in order: where to search, and what for.

    ``name`` turns a logical name into the one in the cluster (``Cluster.name``); ``type_field`` is
    the schema's, for strategies that return certain entity types only. ``entities`` are what the
    first hop found, for a second one, and ``pointed_at`` what those point to.
    """
    by_name = {strategy.name: strategy for strategy in strategies}
    lines: list[dict[str, Any]] = []
    for choice in choices:
        strategy = by_name[choice.strategy]
        lines.append({"index": [name(index) for index in strategy.indexes]})
        lines.append(
            {
                "id": name(strategy.name),
                "params": parameters(query, choice, strategy, type_field, entities, pointed_at),
            }
        )
    return lines


def parameters(
    query: Query,
    choice: Choice,
    strategy: Strategy,
    type_field: str,
    entities: Sequence[Hit] = (),
    pointed_at: Sequence[Hit] = (),
) -> dict[str, Any]:
    """The parameters of one strategy's template: those that it reads, ``size`` and ``filters``.

    ``slots`` are objects ``{"role", "field", "value", "words", "likelihood"}``, with ``entity``
    where there is one, and the role's own name true; ``sparse`` an object token → weight;
    ``trending``, ``entities`` and ``pointed_at`` lists of ``{"id", "score"}`` with scores in
    0..1. What a query lacks is left out, and so is its section of the template.
    """
    filters: list[Clause] = list(query.filters)
    if strategy.entity_types:
        filters.append({"terms": {type_field: sorted(strategy.entity_types)}})
    known: dict[str, Any] = {
        "text": "" if query.says_nothing else shortened(query.text),
        "memory_key": query.memory_key,
        "now": iso(query.now),
        "vector": query.vector,
        "adapted_vector": query.adapted_vector,
        "corrected": shortened(query.corrected),
        "rewritten": shortened(meant(query)),
        "rest": shortened(query.rest),
        "slots": [
            {
                "role": slot.role,
                "field": slot.field,
                "value": slot.value,
                "words": slot.words,
                "likelihood": round(slot.likelihood, 4),
                slot.role: True,
                **({"entity": slot.entity} if slot.entity else {}),
            }
            for slot in query.slots
        ],
        "sparse": query.sparse,
        "user_vector": query.user_vector,
        "session_vector": query.session_vector,
        "graph_vector": query.graph_vector,
        "trending": [{"id": id, "score": score} for id, score in query.trending],
        "entities": [_scored(seed) for seed in entities],
        "pointed_at": [_scored(one) for one in pointed_at],
    }
    # 384 numbers are most of a request: only those who read it get a vector.
    return {
        **{name: known[name] for name in sorted(strategy.reads) if known.get(name)},
        "size": max(1, choice.candidates),
        "filters": filters,
    }


def _scored(hit: Hit) -> dict[str, Any]:
    return {"id": hit.id, "score": round(hit.score, 4)}


def meant(query: Query) -> str:
    """The words to search for what was meant; "" for a query that only wishes, or says nothing."""
    if query.says_nothing:
        return ""
    return query.text if query.rewritten is None else query.rewritten


def shortened(text: str) -> str:
    """The first words of ``text``, as many as are searched for, with single spaces.

    In a script without spaces each letter counts, as each is searched for.
    """
    left = MOST_WORDS
    words: list[str] = []
    for word in text.split():
        words.append(word if _weight(word) <= left else word[:left])
        left -= _weight(word)
        if left <= 0:
            break
    return " ".join(words)


def _weight(word: str) -> int:
    """How many words the analyzers make of ``word``, at least one."""
    return max(1, sum(map(spaceless, word)))


def iso(moment: datetime) -> str:
    """``moment`` in UTC as OpenSearch's ``strict_date_time`` reads it, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
