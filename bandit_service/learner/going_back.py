"""Rolling back: an order in the journal to go on from the policy and models of a kept snapshot.

The order is an entry like any other, so the fold stays pure and a replay goes back as well. What it
restores, and what it leaves, is said in :mod:`bandit_service.learner.orders`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bandit_service.journal.controls import order, roll_back
from bandit_service.journal.entries import Entry
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.keeping import Kept
from bandit_service.learner.snapshot import Head, SnapshotStore
from bandit_service.policies.base import Policy
from plugin.cluster import Cluster
from plugin.errors import BrokenState, InvalidRequest, NotFound


def chosen(head: Head | None, version: str | None) -> Kept:
    """The kept snapshot of that version; for None the newest of the earlier ones.

    The one just before the newest, which is seconds old, only where there is no other.

    Raises:
        NotFound: there is none.
    """
    kept = head.kept if head is not None else ()
    if version is None:
        earlier = kept[2:3] or kept[1:2]
        if not earlier:
            raise NotFound("there is no earlier snapshot to go back to.")
        return earlier[0]
    for one in kept:
        if one.version == version:
            return one
    there = ", ".join(one.version for one in kept) or "none"
    raise NotFound(f"there is no snapshot {version[:40]!r}; there are: {there}.")


def go_back(
    cluster: Cluster,
    snapshots: SnapshotStore,
    new_policy: Callable[[], Policy],
    version: str | None,
    now: datetime,
) -> tuple[Kept, Entry]:
    """Order to go back to ``version``; returns the snapshot that is gone back to, and the order.

    Raises:
        NotFound: there is no such snapshot.
        InvalidRequest: it is of another kind of policy than the one that is chosen now.
        BrokenState: it is damaged.
        Unavailable: OpenSearch does not answer. The order may have been given.
    """
    head = snapshots.head()
    kept = chosen(head, version)
    old = snapshots.served(kept, new_policy)
    if old.replaced:
        raise InvalidRequest(
            f"snapshot {kept.version} was learnt by another policy than LTRR_POLICY says now."
        )
    models: dict[str, str | None] = dict.fromkeys(_models_now(snapshots, head, new_policy))
    models |= {name: fitted.sha256 for name, fitted in old.models.items()}
    about = {"policy_of": kept.version}
    policy = Artefacts(cluster).put(old.policy.dump(), about)
    given = roll_back(models, to=kept.version, policy=policy, evidence={"by": "ltrr rollback"})
    return kept, order(cluster, given, now)


def _models_now(
    snapshots: SnapshotStore, head: Head | None, new_policy: Callable[[], Policy]
) -> list[str]:
    for kept in head.kept if head is not None else ():
        try:
            return sorted(snapshots.served(kept, new_policy).models)
        except BrokenState:
            continue  # what is damaged is not served either
    return []
