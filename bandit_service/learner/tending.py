"""What the learner that leads looks after beside learning: journal indexes, what is left over."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bandit_service.journal.names import FIRST, generations
from bandit_service.journal.reader import Position
from bandit_service.journal.rollover import Rollover
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.snapshot import Head, SnapshotStore, oldest
from bandit_service.learner.state import State
from plugin.cluster import Cluster
from plugin.errors import LtrrError

log = logging.getLogger(__name__)

_EVERY_S = 10.0
_SWEEPING_S = 3600.0


class Tending:
    """Not safe for threads: one learner uses it."""

    def __init__(
        self,
        cluster: Cluster,
        rollover: Rollover,
        artefacts: Artefacts,
        snapshots: SnapshotStore,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = cluster
        self._rollover = rollover
        self._artefacts = artefacts
        self._snapshots = snapshots
        self._clock = clock
        self._tended_at = self._swept_at = float("-inf")

    def tend(self, state: State, head: Head) -> None:
        """Do what is due, now and then. Learning goes on where it fails."""
        now = self._clock()
        if now - self._tended_at < _EVERY_S:
            return
        self._tended_at = now
        try:
            self._rollover.tend(oldest(head))
            if now - self._swept_at >= _SWEEPING_S:
                self._snapshots.sweep(head)
                self._artefacts.sweep(self.needed(state, head))
                self._swept_at = now
        except LtrrError as error:
            log.warning("the journal and its artefacts wait to be tended: %s", error.message)

    def needed(self, state: State, head: Head) -> set[str]:
        """The artefacts that serving, a replay of what the journal holds, or a kept snapshot asks
        for. Raises NodeUnavailable."""
        beginning = Position(min(generations(self._cluster), default=FIRST))
        kept = {sha256 for one in head.kept for sha256 in one.artefacts}
        return state.models.needed(beginning) | kept
