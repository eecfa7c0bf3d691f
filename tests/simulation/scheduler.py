"""Threads that run one at a time, in an order that a seed decides.

An actor runs production code until that asks the store or waits; there it hands over, and the
scheduler decides who goes on and what time it is. So code that knows nothing of it is interleaved
at every request, and the same seed gives the same run. On the path because ``conftest.py`` is
beside it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Killed(BaseException):
    """The process is gone: raised where an actor stands, and caught by nobody but its thread."""


class Violated(BaseException):
    """An invariant does not hold. No ``except Exception`` of the code under test catches it."""


@dataclass(eq=False, slots=True)
class Process:
    """What dies together. ``behind_s``: how far its wall clock is off; its other clock is not."""

    name: str
    number: int
    behind_s: float = 0.0
    alive: bool = True
    asleep_until: float = 0.0
    actors: list[Actor] = field(default_factory=list)


class Actor:
    """One thread of a process, which runs ``body`` while the scheduler waits for it."""

    def __init__(self, scheduler: Scheduler, process: Process, body: Callable[[], None]) -> None:
        self.process = process
        self.wake = scheduler.now
        self.done = False
        self.error: BaseException | None = None
        self._body = body
        # Bare locks, taken by one side and released by the other: the quickest way to take turns.
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        process.actors.append(self)

    def resume(self) -> None:
        """Let it go on until it hands over; the scheduler's thread waits meanwhile."""
        self._go.release()
        self._back.acquire()
        if self.done:
            self._thread.join()

    def hand_over(self) -> None:
        """Let the others go on. Raises Killed where the process died meanwhile."""
        self._back.release()
        self._go.acquire()
        if not self.process.alive:
            raise Killed

    def _run(self) -> None:
        self._go.acquire()
        try:
            if self.process.alive:
                self._body()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - reported by the scheduler
            self.error = error
        self.done = True
        self._back.release()


class Scheduler:
    """Who runs when. ``now`` is virtual seconds; ``current`` is whose code runs just now."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.now = 0.0
        self.current: Process | None = None
        self.actor: Actor | None = None
        self.processes: list[Process] = []
        self.trace: list[str] = []
        """What happened, for whoever reads a failure."""

    def note(self, what: str) -> None:
        """Write one line of the trace."""
        self.trace.append(f"{self.now:8.2f} {what}")

    def actors(self) -> list[Actor]:
        """All that can still run."""
        return [one for process in self.processes for one in process.actors if not one.done]

    def run_one(self) -> None:
        """Let one that is ready go on; where nobody is, time passes until somebody is."""
        waiting = [
            (max(one.wake, process.asleep_until), one)
            for process in self.processes
            for one in process.actors
            if not one.done
        ]
        if not waiting:
            return
        now = self.now = max(self.now, min([time for time, _ in waiting]))
        self.run(self.rng.choice([one for time, one in waiting if time <= now]))

    def run(self, actor: Actor) -> None:
        """Let this one go on. Raises what its code raised."""
        self.actor, self.current = actor, actor.process
        actor.resume()
        self.actor = self.current = None
        if actor.error is not None:
            raise actor.error
        if not actor.process.alive:
            self.kill(actor.process)

    def sleep(self, seconds: float) -> None:
        """Called by an actor: go on after so long."""
        actor = self.actor
        assert actor is not None
        actor.wake = self.now + seconds
        actor.hand_over()

    def kill(self, process: Process) -> None:
        """End a process where it stands."""
        process.alive = False
        for one in process.actors:
            if not one.done:
                one.resume()
        if process in self.processes:
            self.processes.remove(process)


class Signal:
    """A :class:`threading.Event` for one waiting actor, in virtual time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._set = False
        self._waiting: Actor | None = None

    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        if self._waiting is not None:
            self._waiting.wake = self._scheduler.now

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float = 0.0) -> bool:
        if not self._set:
            self._waiting = self._scheduler.actor
            self._scheduler.sleep(timeout)
            self._waiting = None
        return self._set
