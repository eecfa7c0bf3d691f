"""Sidecars follow the learner: a thread looks for new snapshots and keeps the last good one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bandit_service.journal.reader import Position
from bandit_service.learner.keeping import Kept
from bandit_service.learner.served import Served
from bandit_service.learner.snapshot import Head, SnapshotStore
from bandit_service.policies.base import Policy
from plugin.errors import BrokenState, LtrrError, NotFound

log = logging.getLogger(__name__)


class SnapshotWatcher:
    """The newest snapshot that could be loaded. Safe to share between threads.

    A snapshot is replaced as a whole: a request that began with one ends with it.
    """

    def __init__(
        self, store: SnapshotStore, new_policy: Callable[[], Policy], *, interval_s: float = 1.0
    ) -> None:
        self._store = store
        self._new_policy = new_policy
        self._interval_s = interval_s
        self._served: Served | None = None
        # Decides until a learner has published: with probabilities of its own, so that even the
        # first pages can be learnt from.
        self._fresh = Served("new", new_policy(), Position(), {}, ())
        self.refused: str | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._loaded_at = time.monotonic()
        self.damaged = 0
        """How many damaged snapshots were met; ``refused`` is the one that is there now, None where
        the newest is good."""

    def current(self) -> Served:
        """The newest good snapshot; before there is one, a policy that knows nothing."""
        return self._served or self._fresh

    @property
    def age_s(self) -> float:
        """Seconds since a newer snapshot was loaded."""
        return time.monotonic() - self._loaded_at

    def history(self) -> Sequence[Mapping[str, Any]]:
        """How the shares moved, oldest first; see :meth:`.shares.Shares.history`."""
        served = self._served
        return served.history if served else ()

    def troubles(self) -> list[str]:
        """In words for people: that the newest snapshot is damaged, where it is."""
        refused = self.refused
        if refused is None:
            return []
        served = f"{self._served.version} is" if self._served else "a policy that knows nothing is"
        return [
            f"the newest snapshot ({refused}) is damaged, {served} served: the learner passes it"
            " over, learns again from an earlier one, and publishes the next"
        ]

    def look(self) -> bool:
        """Load a newer snapshot, if there is one; True when it was. Raises NodeUnavailable.

        Where the newest is damaged, the newest good one of those that are kept.
        """
        try:
            head = self._store.head()
        except BrokenState as error:
            self._refuse("list", error.message)
            return False
        for kept in self._newer(head):
            try:
                self._served = self._store.served(kept, self._new_policy)
            except NotFound as error:
                if self._store.head() != head:
                    return False  # it was let go of meanwhile; the next look finds what is there
                self._refuse(kept.version, error.message)
            except BrokenState as error:
                self._refuse(kept.version, error.message)
            else:
                self._loaded_at = time.monotonic()
                if head is not None and kept == head.kept[0]:
                    self.refused = None
                return True
        return False

    def _newer(self, head: Head | None) -> Iterator[Kept]:
        """What is worth loading, the newest first."""
        served = self._served
        for place, kept in enumerate(head.kept if head is not None else ()):
            if served is not None and (
                kept.version == served.version
                # The newest may stand before what is served: after a rebuilding of everything.
                or (place and kept.position <= served.position)
            ):
                return
            yield kept

    def _refuse(self, version: str, message: str) -> None:
        if self.refused != version:
            log.error("the damaged snapshot %s is refused: %s", version, message)
            self.refused = version
            self.damaged += 1

    def start(self) -> None:
        """Begin watching; whoever starts must :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="ltrr-snapshots", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except LtrrError as error:
                log.debug("no look at the snapshot: %s", error.message)
            except Exception:
                # The thread must go on, or this sidecar would serve old state for ever.
                log.exception("the look at the snapshot failed; the last good one is served")
            self._stop.wait(self._interval_s)
