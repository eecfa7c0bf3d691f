"""Suggest: what somebody may be typing, from names of entities and from what others asked.

One ``_msearch``: names that begin so (every word of the text begins a word of the name), the
popular ones first; the same with a letter wrong; names some of whose words are a maker's, for what
the vocabulary takes the text for ("beatels yel"); and remembered queries that begin so. The last
are only those that enough different sessions chose something for: the memory index holds no others'
words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import MissingIndex, Unavailable
from plugin.model import Clause
from plugin.understanding import normalise

MOST_WORDS = 16
SPARE = 3
"""How many times as many names are read as are told: several entities can have one name."""
REMEMBERED = 3
"""Remembered queries among the suggestions, at most."""
_LONG_ENOUGH_FOR_MISTAKES = 4

Kind = Literal["query", "entity"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``text`` to search for. Of an entity also its ``id``, its ``type`` and its maker or so."""

    text: str
    kind: Kind
    id: str | None = None
    type: str | None = None


def suggest(
    cluster: Cluster,
    schema: Schema,
    text: str,
    filters: Sequence[Clause],
    size: int,
    *,
    corrected: str = "",
    blocks: Sequence[Clause] = (),
    timeout_s: float | None = None,
) -> list[Suggestion]:
    """At most ``size`` completions of ``text``, each text once; none for a text without a word.

    ``corrected`` is the text without the typing errors that the vocabulary sees, if there are any.
    ``filters`` are the caller's, ``blocks`` what never appears.

    Raises:
        NodeUnavailable, MissingIndex: as :class:`plugin.cluster.Cluster` does.
        Unavailable: OpenSearch refused the request.
    """
    words = " ".join(text.split()[:MOST_WORDS])
    if not normalise(words):
        return []
    allowed = (*filters, *blocks)
    bodies = [(cluster.name("entities"), name_body(schema, words, allowed, size * SPARE))]
    if len(words) >= _LONG_ENOUGH_FOR_MISTAKES:
        misspelt = name_body(schema, words, allowed, size * SPARE, misspelt=True)
        bodies.append((cluster.name("entities"), misspelt))
    if len(schema.completion) > len(_of_names(schema)):
        meant = " ".join(corrected.split()[:MOST_WORDS]) or words
        bodies.append((cluster.name("entities"), mixed_body(schema, meant, allowed, size)))
    if not filters:  # a query that others asked says nothing of what passes the filters
        bodies.append((cluster.name("memory"), remembered_body(words)))
    answer = cluster.lines(
        "POST",
        "/_msearch",
        [line for index, body in bodies for line in ({"index": index}, body)],
        params={"filter_path": "responses.hits.hits._id,responses.hits.hits._source,"
                "responses.error.type,responses.error.reason,responses.status"},
        timeout_s=timeout_s,
    )  # fmt: skip
    items = [_hits(item) for item in answer["responses"]]
    asked = items.pop() if not filters else []
    queries = [Suggestion(str(hit["_source"]["text"]), "query") for hit in asked]
    names = [_entity(schema, hit) for item in items for hit in item]
    return merged(words, queries, names, size)


def merged(
    typed: str, queries: Sequence[Suggestion], names: Sequence[Suggestion], size: int
) -> list[Suggestion]:
    """What others asked (a few), then names, first those that begin with all that was typed.

    The same text, however written, comes only once.
    """
    start = normalise(typed)
    first = sorted(names, key=lambda one: not normalise(one.text).startswith(start))
    chosen: dict[str, Suggestion] = {}
    for one in (*queries[:REMEMBERED], *first):
        key = normalise(one.text)
        if key and key not in chosen:
            chosen[key] = one
    return list(chosen.values())[:size]


def name_body(
    schema: Schema, text: str, filters: Sequence[Clause], size: int, *, misspelt: bool = False
) -> dict[str, Any]:
    """A search for names that begin with ``text``, or, ``misspelt``, that are nearly ``text``."""
    must: Clause
    if misspelt:
        nearly = {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": 20}
        query = {"query": text, "operator": "and", **nearly}
        # Of the second the last word is a beginning, the others may be misspelt.
        must = {
            "dis_max": {
                "queries": [
                    {"match": {schema.name: query}},
                    {"match_bool_prefix": {schema.name: query}},
                ]
            }
        }
    elif schema.completion:
        # Fields of beginnings: each word of the text is looked up as it is.
        must = {
            "dis_max": {
                "queries": [
                    {"match": {field: {"query": text, "operator": "and"}}}
                    for field in _of_names(schema)
                ]
            }
        }
    else:
        must = {"match_bool_prefix": {schema.name: {"query": text, "operator": "and"}}}
    return _named(schema, text, must, filters, size)


def mixed_body(schema: Schema, text: str, filters: Sequence[Clause], size: int) -> dict[str, Any]:
    """A search for entities of which each word of ``text`` begins a word of name or maker, and at
    least one a word of the name: a maker's name alone is no beginning of all that is theirs."""
    asked = {"query": text, "type": "cross_fields"}
    every = {"multi_match": {**asked, "operator": "and", "fields": list(schema.completion)}}
    one = {"multi_match": {**asked, "fields": _of_names(schema)}}
    return _named(schema, text, {"bool": {"filter": [every, one]}}, filters, size)


def _of_names(schema: Schema) -> list[str]:
    """The fields of beginnings that are of the entity's own names."""
    maker = f"{schema.by}." if schema.by else None
    return [field for field in schema.completion if maker is None or not field.startswith(maker)]


def _named(
    schema: Schema, text: str, must: Clause, filters: Sequence[Clause], size: int
) -> dict[str, Any]:
    """What ``must`` match, the popular first, with what a suggestion tells of it."""
    popular = (
        [{"rank_feature": {"field": schema.popularity, "boost": 10.0}}]
        if schema.popularity is not None
        else []
    )
    return {
        "size": size,
        "query": {
            "bool": {
                "must": [{"constant_score": {"filter": must}}],
                "should": [{"match": {schema.name: {"query": text, "boost": 0.1}}}, *popular],
                "filter": list(filters),
            }
        },
        "_source": [schema.name, schema.type],
        "track_total_hits": False,
    }


def remembered_body(text: str) -> dict[str, Any]:
    """A search for remembered queries that begin with ``text``, the most looked at first."""
    return {
        "size": REMEMBERED,
        "query": {
            "bool": {
                "filter": [{"match_bool_prefix": {"text": {"query": text, "operator": "and"}}}]
            }
        },
        "sort": [{"observed": {"order": "desc", "missing": "_last"}}, {"memory_key": "asc"}],
        "_source": ["text"],
        "track_total_hits": False,
    }


def _entity(schema: Schema, hit: Mapping[str, Any]) -> Suggestion:
    source = hit.get("_source", {})
    name = source.get(schema.name, "")
    first = name[0] if isinstance(name, list) and name else name
    return Suggestion(str(first), "entity", str(hit["_id"]), str(source.get(schema.type, "")))


def _hits(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    error = item.get("error")
    if error is not None:
        if error.get("type") == "index_not_found_exception":
            raise MissingIndex(
                f"OpenSearch has no such index: {error.get('reason')}. `ltrr apply` makes it."
            )
        raise Unavailable(f"OpenSearch cannot suggest: {error.get('type')}: {error.get('reason')}")
    found: list[Mapping[str, Any]] = item.get("hits", {}).get("hits", [])
    return found
