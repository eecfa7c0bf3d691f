"""From the spool to OpenSearch, in the background, for as long as it takes.

Entries are created (``op_type=create``) under their own ids, so sending one twice changes nothing:
a 409 means that it is there. While the cluster cannot take them they stay in the spool and are
tried again for ever. What it refuses for good (a mapping conflict) goes to a dead-letter file and
is counted, so that one bad entry never holds up the others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from bandit_service.journal.addressing import addressed
from bandit_service.journal.dead_letters import bury
from bandit_service.journal.documents import to_document
from bandit_service.journal.entries import Entry
from bandit_service.journal.segments import Batch
from bandit_service.journal.spool import Adopted, Spool, adopt
from plugin.cluster import Cluster, ResponseError
from plugin.errors import LtrrError, Unavailable

log = logging.getLogger(__name__)

_TAKEN = (200, 201, 409)
# Not now, but perhaps later: no such index yet, blocked (a full disk), too much to do, broken.
_LATER = (403, 404, 408, 429)


class _Source(Protocol):
    def read(self, limit: int) -> Batch | None: ...
    def done(self, batch: Batch) -> None: ...


class Shipper:
    """A thread that empties a spool, and the spools of dead processes beside it."""

    def __init__(
        self,
        cluster: Cluster,
        spool: Spool,
        *,
        dead_letters: Path,
        linger_s: float = 0.05,
        longest_wait_s: float = 5.0,
        batch: int = 500,
    ) -> None:
        self._cluster = cluster
        self._spool = spool
        self._dead_letters = dead_letters
        self._linger_s = linger_s
        self._longest_wait_s = longest_wait_s
        self._batch = batch
        self._stop = threading.Event()
        self._idle = threading.Condition()
        self._thread: threading.Thread | None = None
        self.shipped = 0
        self.refused = 0
        self.last_error: str | None = None

    def start(self) -> None:
        """Begin; whoever starts must :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="ltrr-shipper", daemon=True)
        self._thread.start()

    def stop(self, patience_s: float = 5.0) -> None:
        """Try for ``patience_s`` to ship what is left, then end. The rest stays in the spool."""
        self.flush(patience_s)
        self._stop.set()
        self._spool.appended.set()
        if self._thread is not None:
            self._thread.join(patience_s + 30)

    def flush(self, patience_s: float) -> bool:
        """Wait until the spool is empty; False when ``patience_s`` was not enough."""
        deadline = time.monotonic() + patience_s
        with self._idle:
            while self._spool.waiting_bytes:
                left = deadline - time.monotonic()
                if left <= 0 or self._thread is None or not self._thread.is_alive():
                    return False
                self._idle.wait(min(left, 0.5))
        return True

    def ship(self, source: _Source | None = None) -> int:
        """Ship everything that is there now; returns how many entries left the source.

        Raises:
            Unavailable: the cluster cannot take entries now; the rest is still in the source.
        """
        source = source or self._spool
        count = 0
        while (batch := source.read(self._batch)) is not None:
            self._send(batch.entries)
            source.done(batch)
            count += len(batch.entries)
        return count

    def _run(self) -> None:
        wait_s = self._linger_s
        next_adoption = 0.0
        orphans: list[Adopted] = []
        while not self._stop.is_set():
            self._spool.appended.wait(1.0)
            self._spool.appended.clear()
            if self._stop.wait(wait_s):
                break
            try:
                trouble = self._sync()
                self.ship()
                if time.monotonic() >= next_adoption:
                    orphans += adopt(self._spool)
                    next_adoption = time.monotonic() + 5.0
                while orphans:
                    self.ship(orphans[0])
                    orphans.pop(0).remove()
                wait_s = self._linger_s
                self.last_error = trouble
            except Exception as error:
                # Of whatever kind: without this thread nothing would reach the journal any more.
                if str(error) != self.last_error:
                    log.warning("the spool waits: %s", error, exc_info=_unexpected(error))
                self.last_error = str(error)
                # Not forgotten: what is left is seen again without another append.
                self._spool.appended.set()
                wait_s = min(self._longest_wait_s, max(0.1, wait_s * 2))
            with self._idle:
                self._idle.notify_all()

    def _sync(self) -> str | None:
        """Have the disk hold what was appended; what is wrong where it cannot. All the more it is
        shipped then."""
        try:
            self._spool.sync()
        except OSError as error:
            trouble = f"the spool cannot be synced: {error.strerror}"
            if trouble != self.last_error:
                log.error("%s. Is the disk that holds LTRR_STATE all right?", trouble)
            # Not forgotten, though nobody may append anything more.
            self._spool.appended.set()
            return trouble
        return None

    def _send(self, entries: Sequence[Entry]) -> None:
        left = addressed(self._cluster, entries)
        self.shipped += len(entries) - len(left)
        while left:
            lines: list[Any] = []
            for entry in left:
                lines.append({"create": {"_index": entry.index, "_id": entry.id}})
                lines.append(to_document(entry))
            try:
                answer = self._cluster.lines(
                    "POST", "/_bulk", lines, params={"filter_path": "items.*.status,items.*.error"}
                )
            except ResponseError as error:
                if error.response_status not in (400, 413):
                    raise
                # The request as a whole was refused: find out whose fault it is.
                if len(left) == 1:
                    self._bury(left[0], str(error))
                    return
                half = len(left) // 2
                self._send(left[:half])
                self._send(left[half:])
                return
            left = self._sort(left, answer["items"])

    def _sort(self, entries: Sequence[Entry], items: Sequence[Any]) -> list[Entry]:
        later: list[Entry] = []
        reason = ""
        for entry, item in zip(entries, items, strict=True):
            result = item["create"]
            status = int(result["status"])
            if status in _TAKEN:
                self.shipped += 1
            elif status in _LATER or status >= 500:
                later.append(entry)
                reason = str(result.get("error"))
            else:
                self._bury(entry, str(result.get("error")))
        if len(later) == len(entries):
            raise Unavailable(f"OpenSearch takes no journal entries now: {reason[:300]}")
        return later

    def _bury(self, entry: Entry, reason: str) -> None:
        log.error("OpenSearch refuses the journal entry %s: %s", entry.id, reason[:300])
        bury(self._dead_letters, entry, reason)
        self.refused += 1


def _unexpected(error: Exception) -> bool:
    return not isinstance(error, LtrrError | OSError)
