"""The proof that a choice changes the page: at once for who chose, later for everyone."""

from __future__ import annotations

import random
import secrets
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Protocol

from bandit_service.evaluation.intents import rare_queries
from plugin.assets.schema import Schema
from plugin.errors import Unavailable

PAGE: Final = 20
LOW: Final = range(5, 11)
"""Ranks from which an entity is lifted: on the page, but not at its top."""
CLEARLY: Final = 2
LOOKS: Final = 5
"""Fresh sessions that look before something is said: each decision explores a little."""
PATIENCE_S: Final = 20.0
CASES: Final = 3
"""How many cases are tried: where all strategies agree on others, memory alone lifts nothing."""
TRIES: Final = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A query and an entity that fresh sessions find low on its page, at these ranks."""

    query: str
    entity: str
    ranks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Ranks of one entity for one query, before and after it was chosen (1 is the top; PAGE + 1
    when not on the page). ``sessions`` chose it in all, ``seconds`` later others had it higher.
    ``case`` counts the cases that were tried."""

    query: str
    entity: str
    own_before: int
    own_after: int
    others_before: float
    others_after_one: float
    others_after_all: float
    remembered_too_early: bool
    remembered_by: str
    sessions: int
    seconds: float
    case: int = 1

    @property
    def own_changed(self) -> bool:
        """The session that chose saw it clearly higher in its very next answer."""
        return self.own_after <= self.own_before - CLEARLY

    @property
    def others_waited(self) -> bool:
        """One session's choice was not yet everybody's."""
        return self.own_after < self.others_after_one and not self.remembered_too_early

    @property
    def others_changed(self) -> bool:
        """After enough sessions, fresh ones see it clearly higher, and memory brought it."""
        return bool(self.remembered_by and self.others_after_all <= self.others_before - CLEARLY)

    @property
    def holds(self) -> bool:
        return self.own_changed and self.others_waited and self.others_changed

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Sidecar(Protocol):
    """The part of :class:`ltrr.client.Client` that the proof needs."""

    def search(self, query: str, **options: Any) -> dict[str, Any]: ...
    def feedback(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]: ...
    def strategies(self) -> list[dict[str, Any]]: ...


def prove(
    client: Sidecar,
    entities: Sequence[Mapping[str, Any]],
    schema: Schema,
    memory_sessions: int,
    patience_s: float = PATIENCE_S,
) -> Proof:
    """Choose something low on a page and see what follows. Others have ``patience_s`` to see it.

    Raises:
        Unavailable: no query has a page long enough.
    """
    memories = {
        strategy["name"] for strategy in client.strategies() if strategy["family"] == "memory"
    }
    number = 1
    while True:
        case = find_case(client, entities, schema, memories)
        proof = prove_case(client, case, memories, memory_sessions, patience_s)
        if proof.holds or number == CASES:
            return replace(proof, case=number)
        number += 1


def prove_case(
    client: Sidecar, case: Case, memories: set[str], memory_sessions: int, patience_s: float
) -> Proof:
    """:func:`prove` for one case."""
    first = Visitor(client)
    own_before = first.rank(case)
    first.choose(case)
    own_after = first.rank(case)
    others = [Visitor(client) for _ in range(LOOKS)]
    others_after_one = statistics.median(other.rank(case) for other in others)
    too_early = any(other.remembered(case, memories) for other in others)

    for _ in range(memory_sessions - 1):
        another = Visitor(client)
        another.rank(case)
        another.choose(case)
    chosen = time.monotonic()
    before = statistics.median(case.ranks)
    looks: list[tuple[int, str]] = []
    while time.monotonic() < chosen + patience_s:
        fresh = Visitor(client)
        looks.append((fresh.rank(case), fresh.remembered(case, memories)))
        last = looks[-LOOKS:]
        if (
            len(last) == LOOKS
            and statistics.median(rank for rank, _ in last) <= before - CLEARLY
            and any(memory for _, memory in last)
        ):
            break
        time.sleep(0.3)
    last = looks[-LOOKS:]
    return Proof(
        query=case.query,
        entity=case.entity,
        own_before=own_before,
        own_after=own_after,
        others_before=before,
        others_after_one=others_after_one,
        remembered_too_early=too_early,
        others_after_all=statistics.median(rank for rank, _ in last),
        remembered_by=next((memory for _, memory in last if memory), ""),
        sessions=memory_sessions,
        seconds=round(time.monotonic() - chosen, 2),
    )


def find_case(
    client: Sidecar,
    entities: Sequence[Mapping[str, Any]],
    schema: Schema,
    memories: set[str],
) -> Case:
    """A query with an entity that fresh sessions agree to find low, and no memory brings on high.

    The query is one that hardly anybody typed before, so that nobody's choices are counted for it.

    Raises:
        Unavailable: none of many queries has one.
    """
    rng = random.Random(secrets.randbits(64))  # noqa: S311 - it only has to differ between runs
    for query in rare_queries(entities, schema, TRIES, rng):
        visitors = [Visitor(client) for _ in range(LOOKS)]
        pages = [visitor.look(query) for visitor in visitors]
        # What many strategies brought lies close to the top in score: evidence shows at once.
        for hit in sorted(pages[0][: LOW.stop - 1], key=lambda hit: -len(hit["provenance"])):
            case = Case(query, hit["id"], tuple(rank_of(hit["id"], page) for page in pages))
            known = any(visitor.remembered(case, memories) for visitor in visitors)
            if statistics.median(case.ranks) in LOW and not known:
                return case
    raise Unavailable(
        "no query was found whose page has an entity at rank 5 to 10 for everyone. Is the "
        "catalogue loaded? `ltrr ingest` loads it."
    )


class Visitor:
    """Someone with a session of her own."""

    def __init__(self, client: Sidecar) -> None:
        self._client = client
        self._session = f"check-{secrets.token_hex(8)}"
        self._answer: dict[str, Any] = {"hits": []}

    def look(self, query: str) -> list[dict[str, Any]]:
        """The hits of a first page."""
        self._answer = self._client.search(query, session=self._session, size=PAGE)
        hits: list[dict[str, Any]] = self._answer["hits"]
        return hits

    def rank(self, case: Case) -> int:
        """Where the case's entity stands for her now."""
        return rank_of(case.entity, self.look(case.query))

    def choose(self, case: Case) -> None:
        """Open, play and like the entity on the page she saw last."""
        position = rank_of(case.entity, self._answer["hits"])
        self._client.feedback(
            [
                {
                    "query_id": self._answer["query_id"],
                    "object_id": case.entity,
                    "action": action,
                    "position": position,
                    "session": self._session,
                    "event_id": f"{self._session}-{action}",
                }
                for action in ("click", "play", "like")
            ]
        )

    def remembered(self, case: Case, memories: set[str]) -> str:
        """The memory strategy that brought the entity among its first, or ""."""
        for hit in self._answer["hits"]:
            if hit["id"] == case.entity:
                for origin in hit["provenance"]:
                    if origin["strategy"] in memories and origin["rank"] < LOW.start:
                        return str(origin["strategy"])
        return ""


def rank_of(entity: str, page: Sequence[Mapping[str, Any]]) -> int:
    """1 for the top; PAGE + 1 when it is not there."""
    return next((rank for rank, hit in enumerate(page, 1) if hit["id"] == entity), PAGE + 1)
