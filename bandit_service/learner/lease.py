"""One learner at a time: a document that its holder keeps changing.

Nobody's wall clock is compared with anybody else's: whoever waits watches the holder's counter,
and takes over when it has not moved for ``ttl_s`` seconds of the watcher's own monotonic clock. Two
that take over at once name the same revision, and OpenSearch lets one of them through.

The lease only keeps learners from working in vain. What keeps a paused learner from writing is the
snapshot's own revision (see :mod:`bandit_service.learner.snapshot`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plugin.cluster import Cluster, ResponseError

DOCUMENT = "lease"


@dataclass(frozen=True, slots=True)
class _Seen:
    holder: str
    counter: int
    seq_no: int
    primary_term: int


class Lease:
    """One contender. Not safe for threads: one learner uses it.

    ``document`` names what is contended for: each has a lease of its own.
    """

    def __init__(
        self,
        cluster: Cluster,
        holder: str,
        *,
        ttl_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        document: str = DOCUMENT,
    ) -> None:
        self._cluster = cluster
        self._index = f"/{cluster.name('state')}"
        self._document = document
        self._path = f"{self._index}/_doc/{document}"
        self._holder = holder
        self._ttl_s = ttl_s
        self._clock = clock
        self._seen: _Seen | None = None
        self._since = 0.0
        self._held = False

    def hold(self) -> bool:
        """Take, keep or wait for the lease; True while it is ours. Call it before every step.

        Raises:
            NodeUnavailable: the cluster does not answer; nothing is known then.
            MissingIndex: nothing was applied to the cluster yet.
        """
        now = self._clock()
        if self._held and now - self._since < self._ttl_s / 3:
            return True
        found = self._look()
        if found is None:
            self._held = self._write({"op_type": "create"}, 1)
        elif found.holder in (self._holder, ""):
            self._held = self._renew(found)
        elif self._seen is None or (found.holder, found.counter) != (
            self._seen.holder,
            self._seen.counter,
        ):
            self._seen, self._since, self._held = found, now, False
            return False
        elif now - self._since >= self._ttl_s:
            self._held = self._renew(found)
        else:
            self._held = False
            return False
        if self._held:
            self._seen, self._since = None, now
        return self._held

    def release(self) -> None:
        """Let another have it at once, if it is ours. Raises NodeUnavailable."""
        self._held = False
        found = self._look()
        if found is not None and found.holder == self._holder:
            self._holder, holder = "", self._holder
            try:
                self._renew(found)
            finally:
                self._holder = holder

    def _look(self) -> _Seen | None:
        found = self._cluster.find(self._path)
        if not found:
            # Writing to an index that is not there would make one, with guessed mappings.
            self._cluster.get(self._index, filter_path="*.aliases")
            return None
        body = found["_source"].get("body") or {}
        return _Seen(
            str(body.get("holder", "")),
            int(body.get("counter", 0)),
            int(found["_seq_no"]),
            int(found["_primary_term"]),
        )

    def _renew(self, found: _Seen) -> bool:
        condition = {"if_seq_no": found.seq_no, "if_primary_term": found.primary_term}
        return self._write(condition, found.counter + 1)

    def _write(self, condition: dict[str, Any], counter: int) -> bool:
        document = {"kind": self._document, "body": {"holder": self._holder, "counter": counter}}
        try:
            self._cluster.request("PUT", self._path, document, params=condition)
        except ResponseError as error:
            if error.response_status == 409:
                return False
            raise
        return True
