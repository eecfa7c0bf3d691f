"""One ``ltrr apply`` at a time: two that write the same cluster would undo each other's steps."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bandit_service.learner.lease import Lease
from plugin.cluster import Cluster
from plugin.errors import LtrrError, MissingIndex, NodeUnavailable

_DOCUMENT = "apply"
_TTL_S = 6.0
_PATIENCE_S = 600.0


class AnotherApplies(LtrrError):
    """Somebody else's apply did not come to its end while this one waited."""


@contextmanager
def alone(
    cluster: Cluster,
    say: Callable[[str], None],
    *,
    patience_s: float = _PATIENCE_S,
    ttl_s: float = _TTL_S,
) -> Iterator[None]:
    """Wait until nobody else applies to this namespace, and keep others waiting meanwhile.

    One that was killed is waited for ``ttl_s`` seconds. A namespace to which nothing was applied
    yet has no place for such a mark: the first apply of all is not guarded, and writes only what
    is not there.

    Raises:
        AnotherApplies: after ``patience_s`` seconds.
    """
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    lease = Lease(cluster, holder, ttl_s=ttl_s, document=_DOCUMENT)
    if not _wait(lease, say, patience_s, ttl_s):
        yield
        return
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(lease, done, ttl_s), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        with _reachable():
            lease.release()


def _wait(lease: Lease, say: Callable[[str], None], patience_s: float, ttl_s: float) -> bool:
    """Whether the lease is held now; False where there is no index that could hold one."""
    end = time.monotonic() + patience_s
    told = False
    while True:
        try:
            if lease.hold():
                return True
        except MissingIndex:
            return False
        if time.monotonic() >= end:
            raise AnotherApplies(
                f"another `ltrr apply` has been at work here for {patience_s:.0f} seconds: "
                "nothing was applied. Wait for its end, or stop it, and apply again"
            )
        if not told:
            say("another `ltrr apply` is at work here: waiting for its end")
            told = True
        time.sleep(ttl_s / 10)


def _keep(lease: Lease, done: threading.Event, ttl_s: float) -> None:
    while not done.wait(ttl_s / 6):
        with _reachable():
            lease.hold()


@contextmanager
def _reachable() -> Iterator[None]:
    """What the cluster does not answer now, it will be asked again or no longer needs to hear."""
    try:
        yield
    except (NodeUnavailable, MissingIndex):
        return
