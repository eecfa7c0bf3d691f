"""The order to forget a user: for the learner and every replay, through the journal."""

from __future__ import annotations

from datetime import datetime

from bandit_service.journal.documents import to_document
from bandit_service.journal.entries import control_entry
from bandit_service.journal.names import index_name, write_generation
from plugin.cluster import Cluster, ResponseError
from plugin.errors import MissingIndex


def order_to_forget(cluster: Cluster, user: str, now: datetime, control_id: str) -> bool:
    """Write the order, and take the user's document away at once, should no learner run.

    ``user`` is the keyed hash. Returns whether there was such a document.

    Raises:
        MissingIndex: there is no journal yet.
        NodeUnavailable: OpenSearch does not answer: nothing, or not everything, was done. Giving
            the order again does no harm.
    """
    index = index_name(cluster, write_generation(cluster))
    if cluster.find(f"/{index}/_settings") is None:
        raise MissingIndex("there is no journal, so nothing was ever learnt. `ltrr apply` makes it")
    # Not as the entry's own `user`: whoever erases that user's entries must not erase the order.
    entry = control_entry(control_id, index, now, "forget", {"user": user})
    cluster.request("PUT", f"/{index}/_create/{entry.id}", to_document(entry))
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
