"""Snapshots in OpenSearch: immutable bytes, and one small document that says which count.

Of each snapshot two parts are stored, in pieces where they are large: the learner's whole state
with the position that it covers, and what a sidecar serves. Only then is the head written, which
lists what is kept, the newest first: what was cut off on the way is never seen. Replacing the head
names the write that is being replaced: a learner that was paused and wakes up later cannot
overwrite another's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bandit_service.journal.reader import Position
from bandit_service.learner.artefacts import PIECE_BYTES, Artefacts
from bandit_service.learner.keeping import Keeping, Kept
from bandit_service.learner.served import Served, dump_served, load_served
from bandit_service.learner.state import (
    FORMAT,
    OtherFormat,
    State,
    check_format,
    dump_state,
    load_state,
)
from bandit_service.policies.base import Policy
from plugin.cluster import Cluster, ResponseError
from plugin.errors import BrokenState, LtrrError, NotFound

log = logging.getLogger(__name__)

DOCUMENT = "snapshot"
PART = "snapshot-part"
_ORPHANED_MS = 600_000
"""After so long, parts that no head names are nobody's: no learner takes that long to publish."""


class Superseded(LtrrError):
    """Another learner has published meanwhile: this one must begin again from there."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was published last, newest first; ``seq_no`` and ``primary_term`` say by which write."""

    seq_no: int
    primary_term: int
    kept: tuple[Kept, ...]


class SnapshotStore:
    """Reads and publishes snapshots. Safe to share between threads."""

    def __init__(
        self,
        cluster: Cluster,
        keeping: Keeping | None = None,
        *,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self._cluster = cluster
        self._path = f"/{cluster.name('state')}/_doc/{DOCUMENT}"
        self._parts = Artefacts(cluster, PART, piece_bytes=piece_bytes)
        self._keeping = keeping or Keeping()

    def head(self) -> Head | None:
        """Which snapshots there are; None where there is none yet.

        Raises:
            OtherFormat: another version of this program wrote it.
            BrokenState: it is no head of ours.
            NodeUnavailable: the cluster does not answer.
        """
        found = self._cluster.find(self._path)
        if not found:
            return None
        try:
            body = found["_source"].get("body") or {}
            check_format(body.get("format"))
            kept = tuple(Kept.from_json(one) for one in body["kept"])
            return Head(int(found["_seq_no"]), int(found["_primary_term"]), kept)
        except OtherFormat as error:
            raise OtherFormat(self.way_out(error.message)) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"the list of snapshots cannot be read ({error!r})."
            raise BrokenState(self.way_out(message)) from error

    def load(self, new_policy: Callable[[], Policy]) -> tuple[State, Head | None]:
        """The newest state that is whole; a new one, and None, where there is no snapshot yet.

        From an earlier one the journal leads to the same state again.

        Raises:
            OtherFormat: another version of this program wrote the newest.
            BrokenState: all are damaged.
            NodeUnavailable: the cluster does not answer.
        """
        head = self.head()
        if head is None:
            return State(new_policy()), None
        trouble = "it lists none"
        for kept in head.kept:
            try:
                return self.state(kept, new_policy), head
            except OtherFormat as error:
                raise OtherFormat(self.way_out(error.message)) from error
            except (BrokenState, NotFound) as error:
                log.error("snapshot %s is passed over: %s", kept.version, error.message)
                trouble = error.message
        raise BrokenState(self.way_out(f"No snapshot is whole: {trouble}"))

    def state(self, kept: Kept, new_policy: Callable[[], Policy]) -> State:
        """The learner's state of one snapshot. Raises BrokenState, NotFound, NodeUnavailable."""
        return load_state(self.state_bytes(kept), new_policy)

    def state_bytes(self, kept: Kept) -> bytes:
        """The same as bytes, of which only the checksum was checked."""
        return self._parts.get(kept.state)

    def served(self, kept: Kept, new_policy: Callable[[], Policy]) -> Served:
        """What a sidecar serves of one snapshot. Raises as :meth:`state`."""
        return load_served(self._parts.get(kept.served), new_policy)

    def serve(self, new_policy: Callable[[], Policy]) -> Served | None:
        """What the newest snapshot serves; None where there is none. Raises as :meth:`state`."""
        head = self.head()
        return self.served(head.kept[0], new_policy) if head is not None else None

    def publish(
        self,
        state: State,
        replaces: Head | None,
        published_at: int,
        *,
        alone: bool = False,
        beat: Callable[[], object] = lambda: None,
    ) -> Head:
        """Publish ``state`` over what was seen as ``replaces`` (None: there was nothing).

        ``alone``: keep no other. ``beat`` is called between the steps, at least once a piece: a
        large state takes longer than a lease.

        Raises:
            Superseded: another learner has published meanwhile.
            Unavailable: the cluster does not answer or take it; it may or may not be published.
        """
        policy = state.policy.dump()
        whole = dump_state(state, policy)
        beat()
        newest = Kept(
            state.version,
            state.position,
            published_at,
            self._parts.put(whole, beat=beat),
            self._parts.put(dump_served(state, policy), beat=beat),
            tuple(sorted(state.models.needed(state.position))),
        )
        before = replaces.kept if replaces is not None else ()
        kept = self._keeping.after(newest, () if alone else before)
        head = self._write(kept, replaces)
        self._drop(before, kept)
        return head

    def sweep(self, head: Head) -> list[str]:
        """Delete parts that were stored and never published; returns their SHA-256."""
        return self._parts.sweep(_parts_of(head.kept), young_ms=_ORPHANED_MS)

    def _write(self, kept: tuple[Kept, ...], replaces: Head | None) -> Head:
        params: dict[str, Any] = {"op_type": "create"}
        if replaces is not None:
            params = {"if_seq_no": replaces.seq_no, "if_primary_term": replaces.primary_term}
        document = {
            "kind": DOCUMENT,
            "version": kept[0].version,
            "updated_at": kept[0].published_at,
            "body": {"format": FORMAT, "kept": [one.to_json() for one in kept]},
        }
        try:
            answer: Mapping[str, Any] = self._cluster.request(
                "PUT", self._path, document, params=params
            )
        except ResponseError as error:
            if error.response_status == 409:
                raise Superseded("another learner has published; beginning from there") from error
            raise
        return Head(int(answer["_seq_no"]), int(answer["_primary_term"]), kept)

    def _drop(self, before: Iterable[Kept], kept: Iterable[Kept]) -> None:
        unwanted = _parts_of(before) - _parts_of(kept)
        try:
            self._parts.delete(unwanted)
        except LtrrError as error:
            log.warning("old snapshots stay until the next start: %s", error.message)

    def way_out(self, message: str) -> str:
        """``message``, and what a person may do about it."""
        return (
            f"{message} The journal still holds everything: DELETE {self._path}, and the learner "
            "rebuilds the snapshot from the journal's beginning."
        )


def oldest(head: Head | None) -> Position:
    """From where on the journal must be there for all snapshots; the beginning where none is."""
    return min((one.position for one in head.kept), default=Position()) if head else Position()


def _parts_of(kept: Iterable[Kept]) -> set[str]:
    return {part for one in kept for part in (one.state, one.served)}
