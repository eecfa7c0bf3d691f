"""What must hold after every step, and what in the end, whatever happened.

The judge sees everything: it folds the journal itself beside the learners and compares bytes. On
the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
from people import Event
from scheduler import Scheduler, Violated
from simulated_net import NAMESPACE, SimulatedCluster, Straight
from simulated_store import SimulatedStore

from bandit_service.journal.documents import from_document, from_line
from bandit_service.journal.lines import read_lines
from bandit_service.journal.names import generation_of
from bandit_service.journal.reader import Placed, Position, Reader
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.keeping import Kept
from bandit_service.learner.replaying import replay
from bandit_service.learner.served import Served
from bandit_service.learner.snapshot import DOCUMENT, PART, SnapshotStore
from bandit_service.learner.state import State, dump_state
from bandit_service.policies.base import Policy
from plugin.errors import LtrrError


class Invariants:
    """The ledger of what was acknowledged, and every snapshot that was published."""

    def __init__(
        self, scheduler: Scheduler, new_policy: Callable[[], Policy], rules: Rules
    ) -> None:
        self.sent: dict[str, Event] = {}
        self.acknowledged: set[str] = set()
        self.durable: set[str] = set()
        """What a whole sync of its spool came after."""
        self.published = 0
        self.outcomes: Counter[str] = Counter()
        """What became of the entries in the end."""
        self._scheduler = scheduler
        self._new_policy = new_policy
        self._rules = rules
        self._open = rules.window_ms == Rules().window_ms
        """Whether every page stays open, so that the state names what it has learnt."""
        self._judge = State(new_policy())
        self._head: Kept | None = None
        self._policies: dict[str, str] = {}
        self._damaged: set[str] = set()
        self._store: SimulatedStore | None = None
        self._spools = Path()

    def watch(self, store: SimulatedStore, spools: Path) -> None:
        """Say what there is to look at."""
        self._store, self._spools = store, spools
        cluster = SimulatedCluster(Straight(store))
        self._parts = Artefacts(cluster, PART)
        self._rules = replace(self._rules, artefact=Artefacts(cluster).find)

    def fail(self, what: str) -> None:
        """Raises Violated."""
        raise Violated(what)

    # After every step

    def wrote(self, index: str, doc_id: str, params: Mapping[str, Any], source: bytes) -> None:
        """A document was stored; of interest is the head of the snapshots."""
        if index != f"{NAMESPACE}-state" or doc_id != DOCUMENT:
            return
        newest, *rest = map(Kept.from_json, orjson.loads(source)["body"]["kept"])
        before = self._head
        if before is not None and before.state not in self._damaged:
            if newest.position < before.position:
                self.fail(f"the snapshot goes back from {before.version} to {newest.version}")
            if newest.state != before.state and (not rest or rest[0].state != before.state):
                self.fail(f"{newest.version} was written over {before.version} without knowing it")
        for part in (newest.state, newest.served):
            try:
                if part not in self._damaged:
                    self._parts.get(part)
            except LtrrError as error:
                self.fail(f"the snapshot {newest.version} is published, but {error.message}")
        self._head = newest
        self.published += 1
        judged = self._judged(newest.position)
        policy = judged.policy.dump()
        if _sha256(dump_state(judged, policy)) != newest.state:
            self.fail(f"the journal up to {newest.version} gives another state than the snapshot")
        self._policies[newest.version] = _sha256(policy)
        self._scheduler.note(f"published: {newest.version}")

    def served(self, served: Served) -> None:
        """A sidecar serves another snapshot from now on."""
        if self._policies.get(served.version) != _sha256(served.policy.dump()):
            self.fail(f"a sidecar serves a {served.version} that nobody has published")

    def check_disk(self) -> None:
        """After a death: what was acknowledged is in a spool or in the journal."""
        missing = self.acknowledged - set(self._stored()) - set(self._spooled())
        if missing:
            self.fail(f"acknowledged, and neither in a spool nor in the journal: {sorted(missing)}")

    def power_lost(self) -> None:
        """What was not synced yet may be gone; everything else is there."""
        there = set(self._stored()) | set(self._spooled())
        self.acknowledged = {one for one in self.acknowledged if one in self.durable | there}
        self.check_disk()

    def damage(self, rng: random.Random) -> None:
        """Spoil one part of the newest snapshot, once, where there is one before it."""
        assert self._store is not None
        docs = self._store.indexes[f"{NAMESPACE}-state"].docs
        head = docs.get(DOCUMENT)
        if self._damaged or head is None or head.source is None:
            return
        kept = orjson.loads(head.source)["body"]["kept"]
        if len(kept) < 2:
            return
        part = kept[0][rng.choice(("state", "served"))]
        doc = docs[f"{PART}-{part}-0"]
        source = orjson.loads(doc.source or b"")
        blob = source["blob"]
        source["blob"] = blob[: rng.randrange(len(blob))]
        doc.source = orjson.dumps(source)
        self._damaged |= {kept[0]["state"], part}
        self._scheduler.note(f"a part of {kept[0]['version']} is damaged")

    # In the end

    def all_learnt(self) -> bool:
        """Whether the newest snapshot stands at the journal's end and knows what it must."""
        if self._head is None:
            return False
        position = self._head.position
        if any(place > position for place, _ in self._journal(position)):
            return False
        return self.acknowledged <= self._learnt(self._judged(position))

    def check_end(self, cluster: SimulatedCluster) -> None:
        """Everything is learnt once, and a replay of all gives the same bytes."""
        stored = sorted(self._stored())
        if twice := {one for one, following in pairwise(stored) if one == following}:
            self.fail(f"in the journal twice: {sorted(twice)}")
        snapshots = SnapshotStore(cluster)
        replayed = replay(
            Reader(cluster), snapshots, self._new_policy, self._rules, from_start=True
        )
        if not replayed.identical:
            self.fail(f"a replay from the start differs: {replayed}")
        state, _ = snapshots.load(self._new_policy)
        self.outcomes.update(state.counts)
        learnt = self._learnt(state)
        if lost := self.acknowledged - learnt:
            self.fail(f"acknowledged, but not learnt: {sorted(lost)}")
        if invented := learnt - self.sent.keys():
            self.fail(f"learnt, but never sent: {sorted(invented)}")
        for kind in ("decision", "page", "feedback"):
            known = sum(self.sent[one].kind == kind for one in learnt)
            if state.counts.get(kind, 0) != known:
                self.fail(f"{known} entries of kind {kind}, {state.counts.get(kind, 0)} counted")
        ends = ("choice", "no_choice", "chosen_again", "chosen_unbrought")
        if sum(state.counts.get(one, 0) for one in ends) > state.counts.get("decision", 0):
            self.fail(f"more is made of decisions than there are: {state.counts}")
        if self._open:
            self._check_choosers(state, learnt)

    def _learnt(self, state: State) -> set[str]:
        """The ids of what it has taken in."""
        if self._open:
            return {f"{query}:{part}" for query, page in state.open.items() for part in page.parts}
        return {
            doc_id
            for name, doc_id, doc in self._journal_docs()
            if doc_id in self.sent and Position(generation_of(name), doc.seq_no) <= state.position
        }

    def _check_choosers(self, state: State, learnt: set[str]) -> None:
        """Every session is one chooser of what it chose, if its page is known."""
        chosen: dict[tuple[str, str], int] = {}
        for one in (self.sent[one] for one in learnt):
            known = {f"{one.query}:d", f"{one.query}:p:0"} <= learnt
            if one.kind == "feedback" and known:
                key = self.sent[f"{one.query}:p:0"].body["memory_key"]
                place = (key, one.body["object_id"])
                chosen[place] = chosen.get(place, 0) + 1
        for (key, entity), count in chosen.items():
            found = state.memory.evidence(key, entity).choosers
            if found != count:
                self.fail(f"{count} sessions chose {entity} for {key}, {found} are known")

    def _judged(self, position: Position) -> State:
        """The state that the journal gives up to there."""
        if position < self._judge.position:
            self._judge = State(self._new_policy())
        for place, entry in sorted(self._journal(self._judge.position), key=lambda one: one[0]):
            if place <= position:
                fold(self._judge, Placed(place, entry()), self._rules)
        return self._judge

    def _journal(self, after: Position) -> Iterator[tuple[Position, Callable[[], Any]]]:
        for name, doc_id, doc in self._journal_docs():
            place = Position(generation_of(name), doc.seq_no)
            if place > after:
                source = doc.source
                yield place, lambda i=doc_id, n=name, s=source: from_document(i, n, orjson.loads(s))

    def _stored(self) -> Iterator[str]:
        return (doc_id for _, doc_id, _ in self._journal_docs())

    def _journal_docs(self) -> Iterator[tuple[str, str, Any]]:
        assert self._store is not None
        for name, index in self._store.indexes.items():
            if name.startswith(f"{NAMESPACE}-journal-"):
                yield from ((name, doc_id, doc) for doc_id, doc in index.docs.items())

    def _spooled(self) -> Iterator[str]:
        for path in self._spools.rglob("*.log"):
            for line in read_lines(path.read_bytes()):
                if line is not None:
                    yield from_line(line.payload).id


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
