"""One ``_msearch/template`` per query: ids and scores, and nothing more, from every strategy.

A strategy that fails drops out with the reason; the others answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plugin.cluster import Cluster, ResponseError
from plugin.errors import LtrrError, MissingIndex, NodeUnavailable
from plugin.model import Choice, Clause, Hit, Retrieved

FILTER_PATH = ",".join(
    (
        "responses.took",
        "responses.timed_out",
        "responses.status",
        "responses._shards.failed",
        "responses.error.type",
        "responses.error.reason",
        "responses.error.root_cause",
        "responses.hits.hits._id",
        "responses.hits.hits._score",
        "responses.hits.hits._source.references",
    )
)
"""What is left of an answer: about 40 bytes a hit."""

MOST_REFERENCES = 5_000
"""References that are checked against the filters of a query; OpenSearch returns 10,000 at most."""


def retrieve(
    cluster: Cluster,
    lines: Sequence[Mapping[str, Any]],
    choices: Sequence[Choice],
    *,
    filters: Sequence[Clause] = (),
    timeout_s: float | None = None,
) -> list[Retrieved]:
    """Carry out ``lines`` (two per choice, see :func:`plugin.rewriting.rewrite`) in one request.

    References have not met the ``filters`` of the query yet: where there are any, one more request
    asks which of them pass, so that none takes the place of one that does.

    Returns one result per choice, in order. A strategy whose item failed has no hits and an
    ``error``; one that some shards or the time-out cut short has hits and an ``error``.

    Raises:
        NodeUnavailable: OpenSearch does not answer, or not within ``timeout_s``.
        MissingIndex: not one of the strategies that search entities found their index.
    """
    if not choices:
        return []
    try:
        answer = cluster.lines(
            "POST",
            "/_msearch/template",
            lines,
            params={"filter_path": FILTER_PATH, "max_concurrent_searches": len(choices)},
            timeout_s=timeout_s,
        )
    except ResponseError as error:
        if error.response_status != 400:
            raise
        # When no item at all can be rendered the whole call is a 400 that does not say why.
        return [
            Retrieved(
                choice.strategy,
                error=explain(cluster, lines[2 * at], lines[2 * at + 1]) or error.message,
            )
            for at, choice in enumerate(choices)
        ]
    items = answer.get("responses", [])
    if len(items) != len(choices):
        raise NodeUnavailable(
            f"OpenSearch answered {len(items)} of {len(choices)} searches. Try again."
        )
    # One that reads the memory alone finds its index, and says nothing of the entities'.
    entities = cluster.name("entities")
    asked = [item for at, item in enumerate(items) if entities in lines[2 * at]["index"]] or items
    if all(_error_type(item) == "index_not_found_exception" for item in asked):
        raise MissingIndex(
            f"OpenSearch has no such index: {_reason(asked[0])}. `ltrr apply` makes it."
        )
    allowed = (
        _passing(cluster, cluster.name("entities"), items, filters, timeout_s) if filters else None
    )
    return [parse(choice, item, allowed) for choice, item in zip(choices, items, strict=True)]


def parse(
    choice: Choice, item: Mapping[str, Any], allowed: frozenset[str] | None = None
) -> Retrieved:
    """One item of the answer → what its strategy brought, best first, ties by id.

    ``allowed``: of the entities that are only referred to, those that pass the filters.
    """
    took = float(item.get("took", 0.0))
    if item.get("error") or int(item.get("status", 200)) >= 400:
        return Retrieved(choice.strategy, took_ms=took, error=_reason(item))
    hits = merged(item.get("hits", {}).get("hits", []), choice.candidates, allowed)
    return Retrieved(choice.strategy, hits, took, _cut_short(item))


def _passing(
    cluster: Cluster,
    entities: str,
    items: Sequence[Mapping[str, Any]],
    filters: Sequence[Clause],
    timeout_s: float | None,
) -> frozenset[str]:
    """Of all entities that are referred to, those that pass the filters: one request for all."""
    referred = sorted(
        {
            str(reference["id"])
            for item in items
            for hit in item.get("hits", {}).get("hits", [])
            for reference in hit.get("_source", {}).get("references") or ()
        }
    )[:MOST_REFERENCES]
    if not referred:
        return frozenset()
    answer = cluster.request(
        "POST",
        f"/{entities}/_search",
        {
            "size": len(referred),
            "_source": False,
            "track_total_hits": False,
            "query": {"bool": {"filter": [{"ids": {"values": referred}}, *filters]}},
        },
        params={"filter_path": "hits.hits._id"},
        timeout_s=timeout_s,
    )
    return frozenset(hit["_id"] for hit in answer.get("hits", {}).get("hits", []))


def merged(
    raw: Sequence[Mapping[str, Any]], most: int, allowed: frozenset[str] | None = None
) -> tuple[Hit, ...]:
    """Hits of entities and of remembered references, as one list.

    A hit that carries ``references`` stands for those entities: each scores the sum over such hits
    of hit score × reference score, and what was observed so overrides what the entity itself says
    (a prediction). With ``allowed`` given, other references do not count. Hits without scores (a
    template that sorts) get 1/rank: their order counts.
    """
    observed: dict[str, float] = {}
    own: dict[str, float] = {}
    for rank, hit in enumerate(raw, start=1):
        given = hit.get("_score")
        score = 1.0 / rank if given is None else float(given)
        references = hit.get("_source", {}).get("references")
        if references is None:
            own[str(hit["_id"])] = score
            continue
        for reference in references:
            entity = str(reference["id"])
            if allowed is not None and entity not in allowed:
                continue
            observed[entity] = observed.get(entity, 0.0) + score * float(reference["score"])
    scores = {**own, **observed}
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Hit(id, score) for id, score in best[:most])


def explain(cluster: Cluster, header: Mapping[str, Any], line: Mapping[str, Any]) -> str | None:
    """Why the search of ``header`` and ``line`` fails when asked alone; None if it does not."""
    try:
        cluster.request(
            "POST",
            f"/{','.join(header['index'])}/_search/template",
            line,
            params={"filter_path": "took"},
        )
    except NodeUnavailable:
        raise
    except LtrrError as error:
        return error.message
    return None


def _error_type(item: Mapping[str, Any]) -> str | None:
    error = item.get("error")
    if not isinstance(error, Mapping):
        return None
    causes = error.get("root_cause") or [error]
    return str(causes[0].get("type") or error.get("type"))


def _reason(item: Mapping[str, Any]) -> str:
    error = item.get("error")
    status = item.get("status", 500)
    if not isinstance(error, Mapping):
        return f"{status} {error or 'failed'}"
    causes = error.get("root_cause") or [error]
    reason = causes[0].get("reason") or error.get("reason") or ""
    return f"{status} {_error_type(item)}: {reason}"


def _cut_short(item: Mapping[str, Any]) -> str | None:
    failed = int(item.get("_shards", {}).get("failed", 0))
    if failed:
        return f"{failed} shards failed"
    return "timed out" if item.get("timed_out") else None
