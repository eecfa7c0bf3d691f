"""People under load, and their ledger: what they were told was taken in, and what is learnt.

On the path because ``conftest.py`` is beside it.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sidecars import Sidecar, wait_until

from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.learner.state import State
from ltrr.client import Client
from ltrr.settings import Settings
from ltrr.wiring import policy_maker
from plugin.errors import LtrrError, Unavailable
from plugin.strategies import load_strategies
from plugin.understanding import memory_key

PLANTS = ("lemon", "carrot", "leek", "beetroot")
DISHES = ("soup", "cake", "pie", "stew")
ENTITIES = [
    {"id": f"{plant}-{dish}", "type": "recipe", "name": f"{plant.title()} {dish}"}
    for plant in PLANTS
    for dish in DISHES
]
TEXTS = [f"{plant} {dish}" for plant in PLANTS for dish in DISHES]


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody chose ``entity`` for ``text``, or only saw it; each is of a session of its own."""

    text: str
    entity: str
    chose: bool = True


@dataclass
class Ledger:
    """Ids of feedback entries: all that was ever sent, and what was acknowledged with 202."""

    sent: dict[str, Act] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    refused: list[LtrrError] = field(default_factory=list)
    """What people got instead of a page or of being acknowledged."""


class Load:
    """People who search and choose, one after the other, over kept connections, while it is open.

    Every person asks at ``addresses`` in turn. ``send`` delivers an event; another one may deliver
    it several times.
    """

    def __init__(
        self,
        *addresses: str,
        people: int = 4,
        send: Callable[[Client, dict[str, Any]], None] | None = None,
    ) -> None:
        self.ledger = Ledger()
        self.answered = 0
        self._addresses = addresses
        self._name = secrets.token_hex(4)  # nobody is here twice
        self._send = send or (lambda client, event: client.feedback(event) and None)
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._people = [threading.Thread(target=self._person, args=(n,)) for n in range(people)]

    def __enter__(self) -> Self:
        for one in self._people:
            one.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        for one in self._people:
            one.join(90)
            assert not one.is_alive(), "somebody still waits for an answer"

    def goes_on(self, count: int = 20, within_s: float = 60) -> None:
        """Wait until ``count`` more were acknowledged."""
        goal = self.answered + count
        wait_until(lambda: self.answered >= goal, f"{count} more answers", within_s)

    def _person(self, number: int) -> None:
        rng = random.Random(number)
        clients = [Client(one, timeout_s=60, connections=1) for one in self._addresses]
        turn = 0
        while not self._end.is_set():
            turn += 1
            try:
                self._visit(clients[turn % len(clients)], f"{self._name}-{number}-{turn}", rng)
            except LtrrError as error:
                with self._lock:
                    self.ledger.refused.append(error)
                self._end.wait(0.25)
        for client in clients:
            client.close()

    def _visit(self, client: Client, session: str, rng: random.Random) -> None:
        text = rng.choice(TEXTS)
        page = client.search(text, session=session)
        if not page["hits"]:  # a node that has just started finds nothing yet
            raise Unavailable(f"an empty page; degraded: {page['degraded']}")
        entity = rng.choice(page["hits"][:5])["id"]
        entry = f"{page['query_id']}:f:{session}"
        with self._lock:
            self.ledger.sent[entry] = Act(text, entity)
        event = {"query_id": page["query_id"], "object_id": entity, "action": "click"}
        self._send(client, {**event, "event_id": session})
        with self._lock:
            self.ledger.acknowledged.add(entry)
            self.answered += 1


def learnt_state(sidecar: Sidecar) -> State:
    """What the learner has published."""
    settings = replace(Settings.from_env({}), assets=Path("opensearch"))
    new_policy = policy_maker(settings, load_strategies(settings.assets))
    with sidecar.cluster() as cluster:
        state, _ = SnapshotStore(cluster).load(new_policy)
    return state


def learnt_entries(state: State) -> set[str]:
    """The ids of the feedback entries that were taken in."""
    return {
        f"{query_id}:{part}"
        for query_id, page in state.open.items()
        for part in page.parts
        if part.startswith("f:")
    }


def check(sidecar: Sidecar, ledgers: Sequence[Ledger], within_s: float = 60) -> None:
    """Wait until all that was acknowledged is learnt; nothing is lost, nothing counts twice.

    What was sent and not acknowledged may be learnt or not, but once. ``ledgers`` are those of all
    people of the namespace, from its beginning.
    """
    acknowledged = {entry for one in ledgers for entry in one.acknowledged}
    sent = {entry: act for one in ledgers for entry, act in one.sent.items()}
    assert acknowledged, "nobody was acknowledged anything: this shows nothing"
    wait_until(
        lambda: acknowledged <= learnt_entries(learnt_state(sidecar)),
        "all that was acknowledged is learnt",
        within_s,
        every_s=0.5,
    )
    state = learnt_state(sidecar)
    learnt = learnt_entries(state)
    assert learnt <= sent.keys()
    assert state.counts["feedback"] == len(learnt)
    # And so it is in what was made of it: every session is one chooser.
    waiting = {
        (query_id, event[0]) for query_id, page in state.open.items() for event in page.waiting
    }
    chosen: dict[Act, int] = {}
    for entry in learnt:
        act = sent[entry]
        if act.chose and (entry.partition(":")[0], act.entity) not in waiting:
            chosen[act] = chosen.get(act, 0) + 1
    for act, count in chosen.items():
        found = state.memory.evidence(memory_key(act.text), act.entity)
        assert found.choosers == count, f"{act}: {found.choosers}, not {count}"
