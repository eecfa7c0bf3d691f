"""The query basis: who fits it, and who tells it to the policy."""

from __future__ import annotations

from bandit_service.collaborators import utc_now
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.bases import BasisTrainer, ServedBasis
from bandit_service.learner.run import Beside
from bandit_service.learner.watcher import SnapshotWatcher
from bandit_service.past import Past
from plugin.cluster import Cluster
from plugin.encoding import Encoder


def basis_training(cluster: Cluster, encoder: Encoder | None) -> tuple[Beside, ...]:
    """What fits it beside a learner; nothing where nothing can be encoded."""
    return () if encoder is None else (BasisTrainer(cluster, encoder, utc_now).run,)


def make_past(cluster: Cluster, snapshots: SnapshotWatcher) -> Past:
    """What is known from before a query, with the basis that ``snapshots`` name."""
    find = Artefacts(cluster).find
    return Past(cluster, basis=ServedBasis(lambda: snapshots.current().models, find))
