"""What a worker of ``ltrr serve`` says of itself every few seconds, whoever is asked for it.

Any worker answers ``/_ltrr/metrics`` for all, from what each has written down: so a worker that
nobody asks must write too.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from bandit_service.api.metrics import tell
from bandit_service.collaborators import Services
from bandit_service.journal.journal import Journal
from bandit_service.journal.lag import lag
from bandit_service.learner.run import Learner
from bandit_service.learner.watcher import SnapshotWatcher
from plugin.cluster import Cluster
from plugin.errors import LtrrError

EVERY_S = 2.0

log = logging.getLogger(__name__)


def make_figures(
    journal: Journal, snapshots: SnapshotWatcher, learner: Learner | None
) -> Callable[[], Mapping[str, float]]:
    """Tells values of :data:`bandit_service.metrics.GAUGES`, at once and without asking anybody."""

    def figures() -> Mapping[str, float]:
        position = snapshots.current().position
        return {
            "spool_bytes": journal.spool.waiting_bytes,
            "spool_entries": journal.spool.waiting_entries,
            "journal_shipped_entries": journal.shipper.shipped,
            "journal_dead_letters": journal.shipper.refused,
            "snapshot_generation": position.generation,
            "snapshot_seq_no": position.seq_no,
            "snapshot_age_seconds": snapshots.age_s,
            "snapshot_damaged": snapshots.refused is not None,
            "snapshots_refused": snapshots.damaged,
            "learner_leading": bool(learner and learner.leading),
        }

    return figures


def tell_lag(services: Services, cluster: Cluster, snapshots: SnapshotWatcher) -> None:
    """What became of entries; and, from OpenSearch, how far learning is behind the journal.

    Raises:
        NodeUnavailable: OpenSearch does not answer.
    """
    served = snapshots.current()
    services.metrics.learnt(served.counts)
    behind = lag(cluster, served.position)
    services.metrics.now({"journal_lag_entries": behind}, {})


def keep_telling(services: Services, behind: Callable[[], None], stop: threading.Event) -> None:
    """Tell all figures every few seconds until ``stop`` is set."""
    while not stop.wait(EVERY_S):
        try:
            tell(services)
            behind()
        except LtrrError as error:
            log.debug("no figures of the journal now: %s", error.message)
        except Exception:
            log.exception("the figures could not be told")
