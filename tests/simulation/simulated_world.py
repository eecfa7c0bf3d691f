"""Sidecars, learners and people: production code in a simulated environment.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accidents import Accidents
from invariants import Invariants
from people import Event, visit
from scheduler import Actor, Killed, Process, Scheduler, Signal
from simulated_disk import SimulatedDisk
from simulated_net import NAMESPACE, Net, SimulatedCluster, Straight
from simulated_store import SimulatedStore

from bandit_service.journal.reader import Reader
from bandit_service.journal.rollover import Bounds, Rollover
from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.fold import Rules
from bandit_service.learner.lease import Lease
from bandit_service.learner.projection import Projection
from bandit_service.learner.run import Learner
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.tending import Tending
from bandit_service.learner.watcher import SnapshotWatcher
from bandit_service.policies.explorer import Explorer
from bandit_service.policies.rls import RlsValueModel
from bandit_service.policies.static import StaticPolicy
from plugin.errors import SpoolFull, Unavailable

START_S = datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp()
SHORT_MS = 10_000
SOON_S = 1.0
"""Once all is well, sleepers wake up and the dead are replaced within this time."""
PROCESSES = 4
"""Two sidecars on one machine, two learners."""


def new_policy() -> Explorer:
    # Looks at what queries here have, and at no more: its matrices are most of a snapshot.
    return Explorer(RlsValueModel(("tokens",)), StaticPolicy({}, budget=200))


@dataclass(slots=True)
class Sidecar:
    """A process with a spool. ``unsynced``: what it acknowledged and never synced as a whole."""

    process: Process
    spool: Spool
    unsynced: set[str]


class World:
    """One run, decided by ``seed`` alone. Files are made in ``folder``."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.scheduler = Scheduler(seed)
        self.rng = self.scheduler.rng
        # In some worlds windows close, at the latest when a clock jumps.
        self.rules = Rules(window_ms=SHORT_MS) if seed % 4 == 0 else Rules()
        self.invariants = Invariants(self.scheduler, new_policy, self.rules)
        self.store = SimulatedStore(self.store_ms, self.invariants.wrote)
        self.invariants.watch(self.store, folder / "spool")
        self.net = Net(self.scheduler, self.store)
        self.disk = SimulatedDisk(self.scheduler, folder)
        self.sidecars: list[Sidecar] = []
        self._folder = folder
        self._births: list[tuple[float, Callable[[], None]]] = []
        self._to_send: list[tuple[float, Event]] = []
        self._born = 0
        self._queries = 0
        self._accidents = Accidents(self, new_policy)
        aliases: dict[str, Any] = {f"{NAMESPACE}-memory": {}}
        for name, about in (
            ("journal-000001", {}),
            ("state", {}),
            ("memory-000001", {"aliases": aliases}),
        ):
            self.store.request("PUT", f"/{NAMESPACE}-{name}", {}, about)

    @property
    def clock(self) -> datetime:
        """What the time really is."""
        return datetime.fromtimestamp(START_S + self.scheduler.now, UTC)

    def store_ms(self) -> int:
        return int((START_S + self.scheduler.now) * 1000)

    def wall_s(self) -> float:
        """What the process that runs just now thinks the time is."""
        process = self.scheduler.current
        return START_S + self.scheduler.now - (process.behind_s if process else 0.0)

    def monotonic_s(self) -> float:
        return self.scheduler.now

    # Processes

    def _process(self, kind: str) -> tuple[Process, SimulatedCluster]:
        self._born += 1
        process = Process(f"{kind}-{self._born}", self._born)
        process.behind_s = self.rng.uniform(-1, 1)
        self.scheduler.processes.append(process)
        return process, SimulatedCluster(self.net.transport(process))

    def start_sidecar(self) -> None:
        process, cluster = self._process("sidecar")
        self.scheduler.current = process
        try:
            spool = Spool(self._folder / "spool", max_bytes=40_000, segment_bytes=4_000)
        finally:
            self.scheduler.current = None
        shipper = Shipper(
            cluster, spool, dead_letters=self._folder / "dead", batch=self.rng.choice((1, 3, 500))
        )
        spool.appended = Signal(self.scheduler)  # type: ignore[assignment]
        shipper._stop = Signal(self.scheduler)  # type: ignore[assignment]
        sidecar = Sidecar(process, spool, set())
        sync = spool.sync

        def synced() -> None:
            pending = set(sidecar.unsynced)
            sync()
            self.invariants.durable |= pending
            sidecar.unsynced -= pending

        spool.sync = synced  # type: ignore[method-assign]
        self.sidecars.append(sidecar)
        Actor(self.scheduler, process, shipper._run)
        watcher = SnapshotWatcher(SnapshotStore(cluster), new_policy)
        Actor(self.scheduler, process, lambda: self._watch(watcher))

    def _watch(self, watcher: SnapshotWatcher) -> None:
        while True:
            try:
                if watcher.look():
                    self.invariants.served(watcher.current())
            except Unavailable:
                pass
            self.scheduler.sleep(1.0)

    def start_learner(self) -> None:
        process, cluster = self._process("learner")
        clock = self.monotonic_s
        snapshots = SnapshotStore(cluster)
        bounds = Bounds(most_bytes=8_000)
        rollover = Rollover(cluster, bounds, now_ms=lambda: self.wall_s() * 1000)
        learner = Learner(
            Reader(cluster, page=self.rng.choice((5, 1000))),
            Lease(cluster, process.name, clock=clock),
            snapshots,
            Projection(cluster, sessions=2),
            new_policy,
            replace(self.rules, artefact=Artefacts(cluster).find),
            tending=Tending(cluster, rollover, Artefacts(cluster), snapshots, clock=clock),
            clock=clock,
        )
        stop: Any = Signal(self.scheduler)
        Actor(self.scheduler, process, lambda: learner.run(stop))

    # Deaths

    def kill(self, process: Process, reborn_s: float = 10.0) -> None:
        self.scheduler.note(f"{process.name} dies")
        self.scheduler.kill(process)
        self.bury_dead(reborn_s)

    def bury_dead(self, reborn_s: float = 10.0) -> None:
        """Close what the dead had open, and have others started in their place."""
        living = {one.number for one in self.scheduler.processes}
        for one in [one for one in self.sidecars if one.process.number not in living]:
            self.sidecars.remove(one)
            self.disk.let_go(one.process.number)
            self._birth(self.start_sidecar, reborn_s)
        learners = sum(one.name.startswith("learner") for one in self.scheduler.processes)
        due = sum(birth == self.start_learner for _, birth in self._births)
        for _ in range(2 - learners - due):
            self._birth(self.start_learner, reborn_s)

    def _birth(self, start: Callable[[], None], reborn_s: float) -> None:
        self._births.append((self.scheduler.now + self.rng.uniform(0, reborn_s), start))

    def lose_power(self) -> None:
        """The machine of the sidecars goes off at once."""
        self.scheduler.note("the sidecars' machine loses power")
        for one in list(self.sidecars):
            self.scheduler.kill(one.process)
        self.bury_dead()
        self.disk.lose_power()
        self.invariants.power_lost()

    # What people do

    def _search(self) -> None:
        self._queries += 1
        newest = sum(name.startswith(f"{NAMESPACE}-journal-") for name in self.store.indexes)
        generation = self.rng.randint(max(1, newest - 1), newest)
        for event in visit(self._queries, generation, self.rng):
            self._to_send.append((self.scheduler.now + self.rng.uniform(0, 5), event))

    def _send(self, event: Event) -> None:
        """One delivery; who is not told that it was taken in tries again."""
        again = self.scheduler.now + self.rng.uniform(0.1, SOON_S if self.net.calm else 5)
        awake = [one for one in self.sidecars if one.process.asleep_until <= self.scheduler.now]
        if not awake:
            self._to_send.append((again, event))
            return
        sidecar = self.rng.choice(awake)
        entry = event.entry(int(self.wall_s() * 1000))
        self.invariants.sent[entry.id] = event
        self.scheduler.current = sidecar.process
        try:
            sidecar.spool.append(event.entry(int(self.wall_s() * 1000)))
        except SpoolFull:
            self._to_send.append((again, event))
        except Killed:
            self._to_send.append((again, event))
            self.kill(sidecar.process)
            self.invariants.check_disk()
        else:
            self.invariants.acknowledged.add(entry.id)
            sidecar.unsynced.add(entry.id)
            if self.rng.random() < 0.15:
                self._to_send.append((again, event))
        finally:
            self.scheduler.current = None

    # The run

    def step(self) -> None:
        """One event."""
        now = self.scheduler.now
        for one in [one for one in self._births if one[0] <= now]:
            self._births.remove(one)
            one[1]()
        self._accidents.pass_over()
        self.net.deliver_due()
        for message in [one for one in self._to_send if one[0] <= now]:
            self._to_send.remove(message)
            self._send(message[1])
        if not self.net.calm:
            if self.rng.random() < 0.08:
                self._search()
            if self.rng.random() < 0.025:
                self._accidents.happen()
        if self.scheduler.actors():
            self.scheduler.run_one()
        else:
            self.scheduler.now += 0.5
        if len(self.scheduler.processes) + len(self._births) < PROCESSES:
            self.bury_dead()

    def run(self, events: int = 130) -> None:
        """The whole schedule: accidents, then calm until all is learnt. Raises Violated."""
        for start in (self.start_sidecar, self.start_learner) * 2:
            start()
        for _ in range(events):
            self.step()
        self.calm_down()
        for number in range(4_000):
            self.step()
            waiting = self._to_send or self.net.late
            if number % 4 == 3 and not waiting and self.invariants.all_learnt():
                break
        else:
            self.invariants.fail("what was acknowledged is not learnt, long after all is well")
        self.invariants.check_end(SimulatedCluster(Straight(self.store)))

    def calm_down(self) -> None:
        self.scheduler.note("all is well from here on")
        self.net.calm = True
        self._accidents.undo()
        soon = self.scheduler.now + SOON_S
        for process in self.scheduler.processes:
            process.asleep_until = min(process.asleep_until, soon)
        self._births = [(min(at, soon), start) for at, start in self._births]

    def end(self) -> None:
        """Let go of every thread and file."""
        for process in list(self.scheduler.processes):
            self.scheduler.kill(process)
            self.disk.let_go(process.number)


Play = Callable[..., World]
"""Runs the schedule of a seed to its end, see ``conftest.py``."""
