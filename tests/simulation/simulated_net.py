"""The way between a process and the store, on which requests and answers are lost or late.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import orjson
from opensearchpy import ConnectionError as NotConnected
from opensearchpy import ConnectionTimeout, TransportError
from scheduler import Killed, Process, Scheduler
from simulated_store import SimulatedStore, refused

from plugin.cluster import Cluster

NAMESPACE = "s"


class SimulatedCluster(Cluster):
    """The production door to OpenSearch, which leads to ``transport``."""

    def __init__(self, transport: object) -> None:
        self.url = "http://simulated"
        self.namespace = NAMESPACE
        self._client: Any = SimpleNamespace(transport=transport)


class Straight:
    """Asks the store at once, for whoever checks."""

    def __init__(self, store: SimulatedStore) -> None:
        self._store = store

    def perform_request(
        self, method: str, path: str, params: Mapping[str, Any], body: Any = None
    ) -> Any:
        return self._store.request(method, path, params, body)


class Net:
    """``down``: nobody reaches the store. ``calm``: every request and answer arrives."""

    def __init__(self, scheduler: Scheduler, store: SimulatedStore) -> None:
        self.scheduler = scheduler
        self.store = store
        self.down = False
        self.calm = False
        self.late: list[tuple[float, Callable[[], object]]] = []
        """When what is still on its way reaches the store."""

    def transport(self, process: Process) -> Wire:
        return Wire(self, process)

    def deliver_due(self) -> None:
        """Carry out what arrives by now."""
        if not self.late:
            return
        due = sorted((one for one in self.late if one[0] <= self.scheduler.now), key=lambda x: x[0])
        self.late = [one for one in self.late if one[0] > self.scheduler.now]
        for _, carry_out in due:
            carry_out()

    def later(self, carry_out: Callable[[], object], longest_s: float) -> None:
        """Have something carried out after up to ``longest_s``, whatever comes of it."""

        def quietly() -> None:
            try:
                carry_out()
            except TransportError:
                self.scheduler.note("(what was late is refused)")

        self.late.append((self.scheduler.now + self.scheduler.rng.uniform(0, longest_s), quietly))


class Wire:
    """The client library's transport of one process."""

    def __init__(self, net: Net, process: Process) -> None:
        self._net = net
        self._process = process

    def perform_request(
        self, method: str, path: str, params: Mapping[str, Any], body: Any = None
    ) -> Any:
        net, scheduler = self._net, self._net.scheduler
        actor = scheduler.actor
        if not self._process.alive:
            raise Killed
        assert actor is not None
        if net.calm:
            return net.store.request(method, path, params, _sent(body))
        actor.wake = scheduler.now + scheduler.rng.expovariate(200)
        actor.hand_over()
        body = _sent(body)
        writes = method != "GET" and not path.endswith(("_search", "_mget", "_refresh"))
        what = f"{self._process.name} {method} {path}"
        fate = scheduler.rng.random()
        if net.down:
            scheduler.note(f"{what}: no connection")
            raise NotConnected("N/A", "refused", OSError("connection refused"))
        if fate < 0.02:
            scheduler.note(f"{what}: lost on the way")
            raise ConnectionTimeout("N/A", "timeout", OSError("timeout"))
        if fate < 0.035:
            raise refused(429, "rejected_execution_exception", "too much to do")
        if writes and fate < 0.06:
            scheduler.note(f"{what}: late")
            net.later(lambda: net.store.request(method, path, params, body), 20)
            raise ConnectionTimeout("N/A", "timeout", OSError("timeout"))
        if writes and fate < 0.09:
            scheduler.note(f"{what}: carried out, the answer is lost")
            net.store.request(method, path, params, body)
            raise ConnectionTimeout("N/A", "timeout", OSError("timeout"))
        if writes and fate < 0.1:
            net.store.request(method, path, params, body)
            scheduler.note(f"{what}: carried out, and the process dies")
            self._process.alive = False
            raise Killed
        scheduler.note(what)
        end = net.store.begin(method, path, params, body)
        if writes and path.endswith("_bulk") and fate < 0.4:
            actor.wake = scheduler.now + scheduler.rng.expovariate(2)
            try:
                actor.hand_over()
            except Killed:
                net.later(end, 2)
                raise
        return end()


def _sent(body: Any) -> Any:
    """What of a body arrives at the other end."""
    return body if body is None or isinstance(body, str) else orjson.loads(orjson.dumps(body))
