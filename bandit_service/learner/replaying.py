"""Replaying: does folding the journal once more give the live snapshot, byte by byte?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bandit_service.journal.reader import Position, Reader
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.rebuilding import forget_orders
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import State, dump_state
from bandit_service.policies.base import Policy
from plugin.errors import BrokenState, InvalidRequest, NotFound


@dataclass(frozen=True, slots=True)
class Replayed:
    """``version`` is the live snapshot's, ``since`` where the replay began; both hashes are SHA-256
    of the whole state; ``entries`` is how many were folded."""

    version: str
    since: str
    entries: int
    live: str
    replayed: str

    @property
    def identical(self) -> bool:
        """Whether both gave the same bytes."""
        return self.live == self.replayed


def replay(
    reader: Reader,
    snapshots: SnapshotStore,
    new_policy: Callable[[], Policy],
    rules: Rules,
    *,
    from_start: bool = False,
    advance: Callable[[Position], None] = lambda _: None,
) -> Replayed:
    """Fold from the oldest kept snapshot, or ``from_start``, up to the position of the newest.

    ``advance`` hears how far it came. Nothing is written.

    Raises:
        NotFound: there is no snapshot, or ``from_start`` and the journal's beginning is gone.
        BrokenState: the snapshot to begin with is damaged, or the journal ends too early.
        InvalidRequest: the newest was learnt with other grades than those of ``rules``.
        Unavailable: OpenSearch does not answer.
    """
    head = snapshots.head()
    if head is None:
        raise NotFound("there is no snapshot to compare with; `ltrr learn --once` makes one.")
    live, oldest = head.kept[0], head.kept[-1]
    if snapshots.state(live, new_policy).grades != rules.grades.digest:
        raise InvalidRequest(
            "what is there was learnt with other grades than grades.toml says now, so a replay"
            " cannot give the same: `ltrr learn` learns it anew."
        )
    if from_start:
        if not reader.whole():
            raise NotFound(
                "the beginning of the journal is gone. Replay from the oldest snapshot, without"
                " --from-start."
            )
        state = State(new_policy(), grades=rules.grades.digest)
    else:
        state = snapshots.state(oldest, new_policy)
    # As the learner does: what is erased does not come back with what was still under way.
    for order in forget_orders(reader.controls()):
        if order.place <= live.position:
            state.forgotten.add(order.whose, order.at)
    since, entries = state.version, 0
    while state.position < live.position:
        placed = [one for one in reader.after(state.position) if one.position <= live.position]
        if not placed:
            raise BrokenState(
                f"the journal ends at {state.version}, before the snapshot {live.version}: entries "
                "that were learnt are gone."
            )
        for one in placed:
            fold(state, one, rules)
        entries += len(placed)
        state.memory.changed.clear()
        state.users.changed.clear()
        advance(state.position)
    replayed = hashlib.sha256(dump_state(state)).hexdigest()
    return Replayed(live.version, since, entries, live.state, replayed)
