"""The journal goes on in a new index when one is large or old; indexes that nothing needs go.

First the next index is made, then the one before is closed for writes. OpenSearch answers to that
only when every write under way has ended: from then on the order of the closed index is final, and
readers go on to the next. Whoever still holds entries for a closed index writes them into the
newest (see :mod:`.addressing`). All steps can be repeated, and one that was cut off is finished by
whoever comes next.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bandit_service.journal.names import generation_of, index_name
from bandit_service.journal.reader import Position
from plugin.cluster import Cluster, ResponseError
from plugin.errors import InvalidRequest

log = logging.getLogger(__name__)

_DAY_MS = 24 * 3_600_000
_KEPT_SETTINGS = ("number_of_shards", "number_of_replicas", "auto_expand_replicas", "analysis")


@dataclass(frozen=True, slots=True)
class Bounds:
    """An index is rolled over when it has ``most_bytes`` or is ``oldest_ms`` old, and holds
    anything; it may be deleted ``keep_ms`` after it was closed, or never for None."""

    most_bytes: int = 2**30
    oldest_ms: int = 30 * _DAY_MS
    keep_ms: int | None = None

    def __post_init__(self) -> None:
        if self.most_bytes < 1 or self.oldest_ms < 1 or (self.keep_ms or 0) < 0:
            raise InvalidRequest("the bounds of a journal index must be 1 or more")


@dataclass(frozen=True, slots=True)
class _Index:
    generation: int
    created_at: int
    closed: bool
    about: dict[str, Any]


class Rollover:
    """Looks after the journal's indexes. For the one learner that leads; two do no harm.

    ``now_ms`` is the wall clock: it decides on indexes, never on what is learnt.
    """

    def __init__(
        self,
        cluster: Cluster,
        bounds: Bounds | None = None,
        *,
        now_ms: Callable[[], float] = lambda: time.time() * 1000,
    ) -> None:
        self._cluster = cluster
        self._bounds = bounds or Bounds()
        self._now_ms = now_ms

    def tend(self, needed: Position) -> None:
        """Roll over, close and delete whatever is due. Entries after ``needed`` are kept.

        Raises:
            Unavailable: OpenSearch does not answer; what was begun is finished the next time.
        """
        there = self._indexes()
        if not there:
            return
        newest = there[-1]
        if self._is_due(newest):
            self._make(newest)
            there = self._indexes()
        for one in there[:-1]:
            if not one.closed:
                self._close(one)
        self._delete(there, needed)

    def _is_due(self, newest: _Index) -> bool:
        stats = self._cluster.get(
            f"/{index_name(self._cluster, newest.generation)}/_stats",
            level="shards",
            filter_path="indices.*.shards.*.routing,indices.*.shards.*.seq_no,"
            "indices.*.shards.*.store",
        )
        for about in stats.get("indices", {}).values():
            for copies in about["shards"].values():
                for copy in copies:
                    if copy["routing"]["primary"] and "seq_no" in copy:
                        return self._exceeds(newest, copy)
        return False

    def _exceeds(self, newest: _Index, primary: Mapping[str, Any]) -> bool:
        if int(primary["seq_no"]["max_seq_no"]) < 0:
            return False  # nothing in it
        age = self._now_ms() - newest.created_at
        size = int(primary["store"]["size_in_bytes"])
        return size >= self._bounds.most_bytes or age >= self._bounds.oldest_ms

    def _make(self, newest: _Index) -> None:
        name = index_name(self._cluster, newest.generation + 1)
        settings = newest.about["settings"]["index"]
        aliases = newest.about.get("aliases", {})
        body = {
            # Views over all generations, see .ubi.
            "aliases": {name: one for name, one in aliases.items() if "filter" in one},
            "settings": {
                "index": {one: settings[one] for one in _KEPT_SETTINGS if one in settings}
            },
            "mappings": newest.about["mappings"],
        }
        try:
            # Whoever writes at once must find a shard that takes it.
            self._cluster.request("PUT", f"/{name}", body, params={"wait_for_active_shards": "1"})
        except ResponseError as error:
            if error.kind != "resource_already_exists_exception":
                raise
        log.info("the journal goes on in %s", name)

    def _close(self, index: _Index) -> None:
        name = index_name(self._cluster, index.generation)
        self._cluster.request("PUT", f"/{name}/_block/write")

    def _delete(self, there: list[_Index], needed: Position) -> None:
        keep_ms = self._bounds.keep_ms
        if keep_ms is None:
            return
        for one, following in pairwise(there):
            # It was closed when the following was made.
            closed_for = self._now_ms() - following.created_at
            if one.generation >= needed.generation or closed_for < keep_ms:
                return
            name = index_name(self._cluster, one.generation)
            self._cluster.request("DELETE", f"/{name}", params={"ignore_unavailable": "true"})
            log.info("the journal index %s was deleted: no snapshot needs it", name)

    def _indexes(self) -> list[_Index]:
        found = self._cluster.find(f"/{self._cluster.name('journal')}-*") or {}
        there = [
            _Index(
                generation_of(name),
                int(about["settings"]["index"]["creation_date"]),
                # Settings are nested here, and their values are texts.
                str(about["settings"]["index"].get("blocks", {}).get("write")) == "true",
                about,
            )
            for name, about in found.items()
        ]
        return sorted(there, key=lambda one: one.generation)
