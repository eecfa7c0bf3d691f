"""To forget a user or a session: an order in the journal, and nothing of them left in it.

First comes the order, then the erasing: whatever is interrupted, the order stands, and the learner
erases what it still meets. It also rebuilds learnt state as if they had never been there, see
:mod:`bandit_service.learner.run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bandit_service.journal.documents import to_document
from bandit_service.journal.entries import control_entry
from bandit_service.journal.erasing import Who, erase_of, first_place
from bandit_service.journal.names import index_name, write_generation
from bandit_service.learner.forgotten import digest_of
from plugin.cluster import Cluster, ResponseError
from plugin.errors import MissingIndex


@dataclass(frozen=True, slots=True)
class Forgot:
    """``known``: there was a record of the user; ``erased``: journal entries; ``rebuilds``: the
    learner learns anew what came after the first of them."""

    known: bool
    erased: int
    rebuilds: bool


def forget(cluster: Cluster, kind: Who, hashed: str, now: datetime, control_id: str) -> Forgot:
    """Give the order to forget, and erase what the journal holds until ``now``.

    ``hashed`` is the keyed hash of a user's or session's id.

    Raises:
        MissingIndex: there is no journal yet.
        NodeUnavailable: OpenSearch does not answer: nothing, or not everything, was done. Giving
            the order again does no harm.
    """
    index = index_name(cluster, write_generation(cluster))
    if cluster.find(f"/{index}/_settings") is None:
        raise MissingIndex("there is no journal, so nothing was ever learnt. `ltrr apply` makes it")
    since = first_place(cluster, kind, hashed)
    about = {"whose": digest_of(hashed), "since": list(since) if since else None}
    entry = control_entry(control_id, index, now, "forget", about)
    cluster.request("PUT", f"/{index}/_create/{entry.id}", to_document(entry))
    erased = erase_of(cluster, kind, hashed, entry.recorded_at)
    known = kind == "user" and _take_away(cluster, hashed)
    return Forgot(known, erased, since is not None)


def _take_away(cluster: Cluster, user: str) -> bool:
    """Delete the user's record at once, should no learner run; whether there was one."""
    # The learner's own deletion has a higher version, whichever comes first.
    try:
        cluster.request("DELETE", f"/{cluster.name('users')}/_doc/{user}")
    except MissingIndex:
        return False
    except ResponseError as error:
        if error.response_status != 404:
            raise
        return False
    return True
