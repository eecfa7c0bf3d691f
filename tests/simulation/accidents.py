"""What happens to a world: its processes, net, disk and clocks fail, and somebody gives orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulated_net import SimulatedCluster, Straight

from bandit_service.journal.controls import fitted_model, order, promote
from bandit_service.learner.artefacts import Artefacts
from bandit_service.learner.going_back import go_back
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.policies.base import Policy
from plugin.errors import LtrrError

if TYPE_CHECKING:
    from simulated_world import World

ACCIDENTS = (
    *("kill", "kill", "torn", "pause", "pause", "down", "full", "sick", "clock", "power", "damage"),
    *("order", "order"),
)
FURTHEST_S = 200.0
"""How far a wall clock is off at most: within the usual window of a page."""


class Accidents:
    """Those of one world, as its seed decides."""

    def __init__(self, world: World, new_policy: Callable[[], Policy]) -> None:
        self._world = world
        self._new_policy = new_policy
        self._fitted: list[str] = []
        self._ends: list[tuple[float, Callable[[], None]]] = []

    def happen(self) -> None:
        """One of them."""
        world = self._world
        living = world.scheduler.processes
        kind = world.rng.choice(ACCIDENTS)
        if kind in ("kill", "pause", "clock") and living:
            process = world.rng.choice(living)
            if kind == "kill":
                world.kill(process)
                world.invariants.check_disk()
            elif kind == "pause":
                process.asleep_until = world.scheduler.now + world.rng.uniform(0, 25)
                world.scheduler.note(f"{process.name} sleeps until {process.asleep_until:.2f}")
            else:
                process.behind_s = world.rng.uniform(-FURTHEST_S, FURTHEST_S)
                world.scheduler.note(f"{process.name}'s clock is {process.behind_s:.0f} s behind")
        elif kind == "down":
            world.net.down = True
            self._end_within(20, self._up)
            world.scheduler.note("the store is down")
        elif kind == "full":
            world.disk.full = True
            self._end_within(5, self._empty)
            world.scheduler.note("the disk is full")
        elif kind == "sick":
            world.disk.sick = True
            self._end_within(5, self._cured)
            world.scheduler.note("the disk cannot sync")
        elif kind == "order":
            self._order()
        elif kind == "torn":
            world.disk.kill_within_write = True
        elif kind == "power":
            world.lose_power()
        elif kind == "damage":
            world.invariants.damage(world.rng)

    def pass_over(self) -> None:
        """What has lasted its time ends."""
        for one in [one for one in self._ends if one[0] <= self._world.scheduler.now]:
            self._ends.remove(one)
            one[1]()

    def undo(self) -> None:
        """All ends at once."""
        self._up()
        self._empty()
        self._cured()
        self._world.disk.kill_within_write = False

    def _end_within(self, longest_s: float, end: Callable[[], None]) -> None:
        world = self._world
        self._ends.append((world.scheduler.now + world.rng.uniform(0, longest_s), end))

    def _up(self) -> None:
        self._world.net.down = False

    def _empty(self) -> None:
        self._world.disk.full = False

    def _cured(self) -> None:
        self._world.disk.sick = False

    def _order(self) -> None:
        """Somebody at the command line, or a trainer: a model is fitted, promoted, or all goes back
        to an earlier snapshot."""
        world = self._world
        cluster = SimulatedCluster(Straight(world.store))
        now = world.clock
        kind = world.rng.choice(("fit", "promote", "back"))
        try:
            if kind == "fit":
                sha256 = Artefacts(cluster).put(world.rng.randbytes(20))
                self._fitted.append(sha256)
                order(cluster, fitted_model("ranker", sha256, trained_to=(1, 0)), now)
            elif kind == "promote" and self._fitted:
                order(cluster, promote("ranker", world.rng.choice(self._fitted)), now)
            elif kind == "back":
                go_back(cluster, SnapshotStore(cluster), self._new_policy, None, now)
        except LtrrError as error:
            world.scheduler.note(f"{kind}: {error.message}")
        else:
            world.scheduler.note(f"an order: {kind}")
