"""Bulk load: every entity of a source is stored, or named in the error file with a reason."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import orjson

from ingest.enrichment.enrich import Enricher, enrich
from ingest.sources.base import BadLine, Document, Source
from plugin.assets.schema import Schema
from plugin.cluster import Cluster, ResponseError
from plugin.encoding import Encoder
from plugin.errors import LtrrError, MissingIndex, NodeUnavailable

BATCH = 256
"""Entities a request: about 2 MB with their vectors."""

DOCUMENT_BYTES = 5 * 1024 * 1024
BODY_BYTES = 20 * 1024 * 1024
"""OpenSearch takes 100 MB; smaller bodies keep its memory and ours low."""

REQUEST_S = 120.0
BUSY = (429, 502, 503, 504)
BLOCKED = "cluster_block_exception"
"""An index takes no writes for a moment while another one takes its place (`apply`)."""

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between tries, the last one repeated."""


Pair = tuple[Document, Any]
"""A document and the body to store, enriched or as it was read."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An entity that was not stored: where it was read, its id if it had one, and why."""

    line: str
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a source; ``read`` is always ``stored + failed``.

    ``away``: OpenSearch was not there any more, and what was read since then was not sent to it.
    """

    read: int
    stored: int
    failed: int
    away: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where entities go: ``alias`` must be there already, ``pipeline`` enriches ("_none": none)."""

    alias: str
    pipeline: str


class Loader:
    """Loads sources into ``target``.

    With an ``encoder`` the entities are enriched here; without, the target's pipeline does it.
    ``patience_s`` bounds how long OpenSearch may be busy or away without storing anything; after
    that everything left is counted as failed, without further tries.
    """

    def __init__(
        self,
        cluster: Cluster,
        target: Target,
        schema: Schema,
        encoder: Encoder | None,
        enricher: Enricher | None = None,
        *,
        patience_s: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cluster = cluster
        self._target = target
        self._schema = schema
        self._encoder = encoder
        self._enricher = enricher
        self._patience_s = patience_s
        self._clock = clock
        self._sleep = sleep

    def load(
        self,
        source: Source,
        report: Callable[[Failure], None],
        advance: Callable[[Outcome], None] = lambda _: None,
        *,
        done: Outcome | None = None,
        held: set[str] | None = None,
    ) -> Outcome:
        """Store every entity of ``source``; ``report`` gets each failure, ``advance`` each step.

        What ``advance`` is told has been acknowledged by OpenSearch. ``done`` is what an earlier
        load of the same source was told last: those items are read, not stored again. ``held`` is
        filled with the ids of all entities of the source.

        Raises:
            IngestError: the source as a whole cannot be read.
            MissingIndex: the target is not there.
            NodeUnavailable: OpenSearch does not answer at the start.
        """
        if self._cluster.find(f"/_alias/{self._target.alias}") is None:
            raise MissingIndex(
                f"OpenSearch has no {self._target.alias}: `ltrr apply` makes it first."
            )
        read, failed = (done.read, done.failed) if done else (0, 0)
        away = threading.Event()
        steps = self._prepared(source, away, read, set() if held is None else held)
        # The next batch is read and encoded while OpenSearch indexes this one.
        with ThreadPoolExecutor(1) as ahead:
            following = ahead.submit(next, steps, None)
            while (step := following.result()) is not None:
                following = ahead.submit(next, steps, None)
                failures, waiting = step
                size = len(failures) + len(waiting)
                if away.is_set():
                    failures += [
                        _failure(one, "not sent: OpenSearch is away") for one, _ in waiting
                    ]
                else:
                    failures += self._store(waiting, away)
                for failure in failures:
                    report(failure)
                read += size
                failed += len(failures)
                advance(Outcome(read, read - failed, failed, away.is_set()))
        if read > failed:
            self._refresh()
        return Outcome(read, read - failed, failed, away.is_set())

    def _prepared(
        self, source: Source, away: threading.Event, skip: int, held: set[str]
    ) -> Iterator[tuple[list[Failure], list[Pair]]]:
        """Batch by batch: what is unusable, and what is to be stored with its body."""
        for batch in _batches(source.read(), self._schema, skip, held):
            failures = [item for item in batch if isinstance(item, Failure)]
            documents = [item for item in batch if isinstance(item, Document)]
            bodies: Sequence[Any] = [document.body for document in documents]
            if self._encoder is not None and not away.is_set():
                bodies = enrich(bodies, self._schema, self._encoder, self._enricher)
            yield failures, list(zip(documents, bodies, strict=True))

    def _store(self, waiting: Sequence[Pair], away: threading.Event) -> list[Failure]:
        """The failures among ``waiting``; sets ``away`` when OpenSearch was not there in time."""
        failures: list[Failure] = []
        since = self._clock()
        tries = 0
        reason = ""
        while waiting:
            if tries:
                if self._clock() - since > self._patience_s:
                    away.set()
                    return failures + [_failure(document, reason) for document, _ in waiting]
                self._sleep(PAUSES[min(tries, len(PAUSES)) - 1])
            tries += 1
            try:
                results = self._send(waiting)
            except NodeUnavailable as error:
                reason = error.message
                continue
            again = []
            for pair, (status, problem) in zip(waiting, results, strict=True):
                if status in BUSY:
                    reason = problem
                    again.append(pair)
                elif status >= 300:
                    failures.append(_failure(pair[0], problem))
            if len(again) < len(waiting):
                since, tries = self._clock(), 1
            waiting = again
        return failures

    def _send(self, pairs: Sequence[Pair]) -> list[tuple[int, str]]:
        """Status and problem of each document.

        A request that OpenSearch refuses as a whole is halved until the refusal is about one
        document, so that a bad one costs no other.
        """
        lines = (({"index": {"_id": document.id}}, body) for document, body in pairs)
        try:
            answer = self._cluster.lines(
                "POST",
                f"/{self._target.alias}/_bulk",
                itertools.chain.from_iterable(lines),
                params={
                    "pipeline": self._target.pipeline,
                    # Or a bulk request would make an index without our mappings.
                    "require_alias": "true",
                    "filter_path": "items.*.status,items.*.error",
                },
                timeout_s=REQUEST_S,
            )
        except ResponseError as error:
            if len(pairs) == 1 or error.response_status not in (400, 413):
                return [(error.response_status or 500, error.message)] * len(pairs)
            half = len(pairs) // 2
            return self._send(pairs[:half]) + self._send(pairs[half:])
        return [_result(item["index"]) for item in answer["items"]]

    def _refresh(self) -> None:
        """Make what was stored visible now. If that fails it happens by itself a second later."""
        try:
            self._cluster.request("POST", f"/{self._target.alias}/_refresh", timeout_s=REQUEST_S)
        except LtrrError:
            return


def _batches(
    items: Iterable[Document | BadLine], schema: Schema, skip: int, held: set[str]
) -> Iterator[list[Document | Failure]]:
    seen: dict[str, str] = {}
    batch: list[Document | Failure] = []
    size = 0
    for number, item in enumerate(items):
        checked = _checked(item, schema, seen)
        if isinstance(item, Document):
            held.add(item.id)
        if number < skip:
            continue
        if isinstance(checked, Document):
            size += len(orjson.dumps(checked.body)) + 8_000
        batch.append(checked)
        if len(batch) >= BATCH or size >= BODY_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _checked(item: Document | BadLine, schema: Schema, seen: dict[str, str]) -> Document | Failure:
    if isinstance(item, BadLine):
        return Failure(item.place, item.id, item.reason)
    reason = _unusable(item, schema)
    if reason is None and item.given:
        first = seen.setdefault(item.id, item.place)
        if first != item.place:
            reason = f"the id is already that of {first}: only that one is stored"
    return item if reason is None else _failure(item, reason)


def _unusable(document: Document, schema: Schema) -> str | None:
    """What is wrong with a document that OpenSearch would take, or refuse less clearly."""
    body = document.body
    try:
        if len(orjson.dumps(body)) > DOCUMENT_BYTES:
            return f"the document has more than {DOCUMENT_BYTES} bytes"
    except orjson.JSONEncodeError as error:
        return f"cannot be written as JSON: {error}"
    for field in dict.fromkeys((schema.name, schema.type, *schema.text)):
        value = body.get(field)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict | list):
                return f"{field} must be a text or a list of texts"
    for field in (schema.name, schema.type):
        if not str(body.get(field) or "").strip():
            return f"{field} is missing or empty"
    return None


def _result(item: dict[str, Any]) -> tuple[int, str]:
    problem = item.get("error") or {}
    if problem.get("type") == BLOCKED:
        return BUSY[0], str(problem.get("reason"))
    cause = problem.get("caused_by") or {}
    reasons = [str(part["reason"]) for part in (problem, cause) if part.get("reason")]
    return int(item["status"]), ": ".join(reasons) or str(problem.get("type", ""))


def _failure(document: Document, reason: str) -> Failure:
    return Failure(document.place, document.id, reason)
