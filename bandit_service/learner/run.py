"""The learner at work: the same as a thread of ``ltrr serve`` or as ``ltrr learn``.

One step: keep the lease; read a page of the journal; fold it; publish. Killed at any moment and
started again it stands where the last snapshot stands, and reads on from there: nothing is lost
and nothing counts twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bandit_service.journal.reader import Placed, Position, Reader
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.gating import PolicyGate
from bandit_service.learner.lease import Lease
from bandit_service.learner.models import Fitted
from bandit_service.learner.people import People
from bandit_service.learner.projection import Projection
from bandit_service.learner.rebuilding import forget_orders
from bandit_service.learner.snapshot import Head, SnapshotStore, Superseded
from bandit_service.learner.state import State, known_by
from bandit_service.learner.tending import Tending
from bandit_service.policies.base import Policy
from plugin.errors import BrokenState, LtrrError, Unavailable

log = logging.getLogger(__name__)

_PUBLISHING = 4
"""How many times as long as publishing took is learnt before it is published again."""
OTHER_GRADES = (
    "what there is was learnt with other grades, and the journal's beginning is gone. Set "
    "grades.toml back, or learn anew from what there is."
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did. ``leading``: the lease is ours; ``entries``: how many were folded."""

    leading: bool
    entries: int
    published: bool


Beside = Callable[["Learner", threading.Event], None]
"""Work that goes on in a thread of its own while a learner runs, until the event is set."""


class Learner:
    """Folds the journal into snapshots. Not safe for threads: one thread runs it."""

    def __init__(
        self,
        reader: Reader,
        lease: Lease,
        snapshots: SnapshotStore,
        projection: Projection,
        new_policy: Callable[[], Policy],
        rules: Rules,
        *,
        beside: Sequence[Beside] = (),
        people: People | None = None,
        tending: Tending | None = None,
        gate: PolicyGate | None = None,
        poll_s: float = 0.5,
        publish_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._lease = lease
        self._snapshots = snapshots
        self._projection = projection
        self._new_policy = new_policy
        self._rules = rules
        self._beside = beside
        self._people = people
        self._tending = tending
        self._gate = gate
        self._poll_s = poll_s
        self._publish_s = self._pause_s = publish_s
        self._clock = clock
        self._state: State | None = None
        self._replaced: State | None = None
        # Orders to forget up to the one are kept by the state at hand; up to the other, nothing is
        # published.
        self._clean_until = self._quiet_until = Position()
        self._head: Head | None = None
        # Whoever is forgotten must not be found in an earlier snapshot either.
        self._alone = False
        self._unpublished = False
        self._published_at = float("-inf")
        # Whether it is known where the index of users differs from the state.
        self._people_known = False

    @property
    def leading(self) -> bool:
        """Whether this learner is the one that learns."""
        return self._state is not None

    @property
    def models(self) -> Mapping[str, Fitted]:
        """The fitted models that are served, by name; none while another learner leads."""
        return dict(self._state.models.served) if self._state else {}

    @property
    def version(self) -> str | None:
        """The version of the state at hand; None while another learner leads."""
        return self._state.version if self._state else None

    @property
    def counts(self) -> Mapping[str, int]:
        """What became of the entries so far; empty while another learner leads."""
        return dict(self._state.counts) if self._state else {}

    def step(self, *, publish_now: bool = False) -> Step:
        """One turn.

        Raises:
            Unavailable: OpenSearch cannot be asked now; call again later.
            BrokenState: the snapshot is damaged; a person must look (nothing is overwritten).
        """
        if not self._lease.hold():
            self._forget()
            return Step(False, 0, False)
        state = self._state or self._begin()
        placed = self._reader.after(state.position)
        if self._has_to_begin_again(state, placed):
            log.warning("somebody is to be forgotten: learning anew from the journal's beginning")
            self._begin_again(state)
            return Step(True, len(placed), False)
        stray = [one.entry for one in placed if one.entry and state.forgotten.covers(one.entry)]
        for one in placed:
            fold(state, one, self._rules)
        if stray:
            self._reader.erase(stray)
        self._unpublished = self._unpublished or bool(placed)
        due = publish_now or self._clock() - self._published_at >= self._pause_s
        published = self._unpublished and due and not self._is_quiet(state)
        if published:
            try:
                self._publish(state)
            except Superseded as error:
                log.info("%s", error.message)
                self._forget()
                published = False
        # From what is published only, and by a learner that is not behind: one that replays the
        # journal would bring back who was forgotten later on.
        if len(placed) < self._reader.page:
            self._project()
            # Whoever is behind has verdicts still to read.
            if self._gate is not None and not self._is_quiet(state):
                self._gate.judge(state.policy)
        # No index may go by age that is still to be read.
        if self._tending is not None and self._head is not None and self._replaced is None:
            self._tending.tend(state, self._head)
        return Step(True, len(placed), published)

    def catch_up(self, stop: threading.Event) -> int:
        """Fold and publish everything that is there now; returns how many entries that was.

        Waits for the lease while another holds it. Raises as :meth:`step`.
        """
        total = 0
        while not stop.is_set():
            step = self.step()
            total += step.entries
            if step.leading and not step.entries:
                self.step(publish_now=True)
                self._project(now=True)
                break
            if not step.leading:
                stop.wait(self._poll_s)
        return total

    def run(self, stop: threading.Event, beat: Callable[[], None] = lambda: None) -> None:
        """Learn until ``stop`` is set; survives an absent cluster and a damaged snapshot.

        ``beat`` is called before every step, at least every few seconds: a sign of life.
        """
        for work in self._beside:
            threading.Thread(target=work, args=(self, stop), daemon=True).start()
        wait_s = self._poll_s
        while not stop.is_set():
            beat()
            try:
                step = self.step()
                wait_s = 0.0 if step.entries else self._poll_s
            except Unavailable as error:
                log.warning("the learner waits: %s", error.message)
                wait_s = min(5.0, max(1.0, wait_s * 2))
            except LtrrError as error:
                log.error("the learner cannot go on: %s", error.message)
                self._forget()
                wait_s = 5.0
            except Exception:
                log.exception("the learner failed; it begins again from the last snapshot")
                self._forget()
                wait_s = 5.0
            stop.wait(wait_s)
        self.close()

    def close(self) -> None:
        """Publish what is left and let another lead. The end of :meth:`run`."""
        try:
            state = self._state
            there = state is not None and self._unpublished and not self._is_quiet(state)
            if state is not None and there and self._lease.hold():
                self._publish(state)
                if self._people_known:
                    self._write_people(state, now=True)
            self._lease.release()
        except LtrrError as error:
            log.warning("the learner ended without publishing: %s", error.message)

    def _begin(self) -> State:
        state, self._head = self._snapshots.load(self._new_policy)
        if self._head is None:
            state = self._new_state()
        others = state.grades != self._rules.grades.digest
        if others and not self._reader.whole():
            raise BrokenState(self._snapshots.way_out(OTHER_GRADES))
        # What the indexes hold may be behind the snapshot, or be another's: that is looked at
        # beside learning, so that whoever takes over publishes at once, however large the state.
        self._projection.begin(state)
        self._people_known = False
        self._state = state
        # The very first snapshot comes before the first entry: sidecars then explore from the
        # first query on, with logged probabilities, rather than fall back to uniform blending.
        self._unpublished = self._head is None
        if others:
            log.warning("the grades were changed: learning anew from the journal's beginning")
            # To go back to what was learnt with the other grades would mix them.
            self._alone, self._quiet_until = True, state.position
            self._begin_again(state)
        return self._state

    def _has_to_begin_again(self, state: State, placed: Sequence[Placed]) -> bool:
        """Whether ``state`` holds what an order among ``placed`` wants forgotten."""
        tainted = False
        for order in forget_orders(placed):
            if order.place <= self._clean_until:
                continue
            if order.since is not None:
                state.forgotten.add(order.whose, order.at)
                tainted = tainted or order.since <= state.position
            elif not self._reader.whole():
                # The journal holds nothing of theirs any more, but learnt state may.
                tainted = tainted or bool(known_by(state, order.whose))
        self._alone = self._alone or tainted
        return tainted

    def _begin_again(self, state: State) -> None:
        """Learn anew from the journal's beginning, without those to forget.

        Where that is gone by age, from what there is left: nobody can tell any more what of the
        rest was learnt from whom. Models that were fitted are served on. Until it has come as far,
        and to the last order to forget, the state that there was is served and nothing is written:
        when a learner dies meanwhile, the next begins again.
        """
        self._replaced = self._replaced or state
        self._state = self._new_state()
        if not self._reader.whole():
            log.warning(
                "the journal's beginning is gone: what only that had taught is forgotten too"
            )
            self._state.models = state.models
        self._quiet_until = max(self._quiet_until, self._clean_until)

    def _new_state(self) -> State:
        """State from before the first entry, that lets in nobody who is forgotten later on."""
        state = State(self._new_policy(), grades=self._rules.grades.digest)
        for order in forget_orders(self._reader.controls()):
            state.forgotten.add(order.whose, order.at)
            self._clean_until = max(self._clean_until, order.place)
        return state

    def _is_quiet(self, state: State) -> bool:
        return state.position < self._quiet_until

    def _publish(self, state: State) -> None:
        began = self._clock()
        self._head = self._snapshots.publish(
            state,
            self._head,
            int(time.time() * 1000),
            alone=self._alone,
            beat=self._lease.hold,
        )
        self._alone = False
        # Only after the snapshot: a learner that was superseded writes nothing.
        if self._replaced is not None:
            self._projection.write_all(state, instead_of=self._replaced)
            self._people_known = False
            self._replaced = None
        else:
            self._projection.write_changed(state)
        self._unpublished = False
        self._published_at = self._clock()
        # A large state takes long to publish: learning must not stand still for that.
        if self._publish_s:
            self._pause_s = max(self._publish_s, _PUBLISHING * (self._published_at - began))

    def _project(self, *, now: bool = False) -> None:
        """Write some of what sidecars read beside snapshots; ``now``: all of it."""
        state = self._state
        if state is None or self._unpublished or self._is_quiet(state):
            return
        while self._projection.write_some(state) and now:
            self._lease.hold()
        self._write_people(state, now=now)

    def _write_people(self, state: State, *, now: bool) -> None:
        if self._people is None:
            return
        if not self._people_known:
            self._people.begin(state)
            self._people_known = True
        self._people.write(state, now=now)

    def _forget(self) -> None:
        self._state = self._replaced = None
        self._clean_until = self._quiet_until = Position()
        self._head, self._alone = None, False
