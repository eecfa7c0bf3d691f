"""Simulated people who search through the real HTTP path. Nothing they do is a measurement of
real people: whatever is printed of them must say "simulated".

A person looks at position k with probability k^-0.7 (a position-based model: Craswell et al. 2008,
"An experimental comparison of click position-bias models"; the exponent is within what is found
on result lists), and chooses what she sees and wants, rarely something else.
"""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol, TypeVar

from bandit_service.evaluation.intents import Intent, draw_intents
from bandit_service.evaluation.typos import misspell
from plugin.assets.schema import Schema
from plugin.errors import LtrrError

EXAMINATION: Final = 0.7
NOISE: Final = 0.02
SLIPS: Final = 0.08
"""How often a query is typed with a slip, besides the intents that are misspelt by nature."""
PAGE: Final = 10
PAUSES_S: Final = (0.25, 0.5, 1.0, 2.0)

Event = dict[str, Any]
T = TypeVar("T")


class Searching(Protocol):
    """The part of a client that people need."""

    def search(self, query: str, **options: Any) -> Mapping[str, Any]:
        """A page, as ``POST /_ltrr/search`` answers."""
        ...

    def feedback(self, events: Sequence[Event]) -> Mapping[str, Any]:
        """Send what was done with it."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """One simulated session: its intent, where the wanted entity stood, what was done."""

    kind: str
    rank: int | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a simulation did. ``mrr_*`` are mean reciprocal ranks (0 when not on the page) of the
    first wanted entity, over the first and the last third of the sessions."""

    simulated: bool
    seed: int
    sessions: int
    intents: int
    found: int
    actions: Mapping[str, int]
    mrr_first_third: float
    mrr_last_third: float
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def simulate(
    client: Searching,
    entities: Sequence[Mapping[str, Any]],
    schema: Schema,
    n: int,
    seed: int,
    *,
    at_once: int = 2,
    deadline_s: float | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Summary:
    """Let ``n`` sessions search and choose, ``at_once`` at a time.

    Popular intents come back (Zipf): several sessions ask the same, as memory needs. The same
    seed gives the same people; what they see depends on the sidecar. After ``deadline_s`` seconds
    no new session begins. ``progress`` is called after each session.

    Raises:
        InvalidRequest: no entity has a name.
        LtrrError: whatever the client raises; the simulation ends with it.
    """
    started = time.monotonic()
    intents = draw_intents(entities, schema, max(1, n // 4), _dice(seed))
    # Another run of the same people are other sessions: one that comes twice is not distinct.
    run = secrets.token_hex(4)
    share = list(itertools.accumulate(1 / (place + 1) for place in range(len(intents))))
    chosen = _dice(f"{seed}:who").choices(intents, cum_weights=share, k=n)

    def visit(number: int) -> Visit | None:
        if deadline_s is not None and time.monotonic() - started > deadline_s:
            return None
        session = f"simulated-{run}-{number}"
        result = pay_visit(client, chosen[number], session, _dice(f"{seed}:{number}"))
        progress()
        return result

    with ThreadPoolExecutor(at_once) as people:
        visits = [result for result in people.map(visit, range(n)) if result is not None]
    third = max(1, len(visits) // 3)
    return Summary(
        simulated=True,
        seed=seed,
        sessions=len(visits),
        intents=len({id(intent) for intent in chosen[: len(visits)]}),
        found=sum(result.rank is not None for result in visits),
        actions=dict(Counter(action for result in visits for action in result.actions)),
        mrr_first_third=mean_reciprocal_rank(visits[:third]),
        mrr_last_third=mean_reciprocal_rank(visits[-third:]),
        seconds=round(time.monotonic() - started, 2),
    )


def pay_visit(client: Searching, intent: Intent, session: str, rng: random.Random) -> Visit:
    """One session: search for ``intent``, look at the page, choose, tell the sidecar."""
    text = misspell(intent.text, rng) if rng.random() < SLIPS else intent.text
    answer = patiently(lambda: client.search(text, session=session, size=PAGE))
    shown = [str(hit["id"]) for hit in answer["hits"]]
    events = [
        {
            **event,
            "query_id": answer["query_id"],
            "event_id": f"{session}-{number}",
            "session": session,
        }
        for number, event in enumerate(look(shown, intent, rng))
    ]
    if events:
        patiently(lambda: client.feedback(events))
    rank = next((place for place, each in enumerate(shown, 1) if each in intent.wanted), None)
    return Visit(intent.kind, rank, tuple(event["action"] for event in events))


def patiently(call: Callable[[], T], sleep: Callable[[float], None] = time.sleep) -> T:
    """Try again, as people do, when a machine is too busy to answer (429 or 503); a few times."""
    for pause in PAUSES_S:
        try:
            return call()
        except LtrrError as error:
            if error.status not in (429, 503):
                raise
            sleep(pause)
    return call()


def look(shown: Sequence[str], intent: Intent, rng: random.Random) -> list[Event]:
    """What a person does with a page of ids, from the top down. She stops once she is content."""
    events: list[Event] = []
    for position, entity in enumerate(shown, 1):
        seen = rng.random() < position**-EXAMINATION
        glad = intent.wanted.get(entity, 0.0)
        if not seen or rng.random() >= max(NOISE, 0.9 * glad):
            continue
        place = {"object_id": entity, "position": position}
        events.append({**place, "action": "click"})
        if not glad:
            # A mistake: left again soon, now and then with a frown.
            if rng.random() < 0.3:
                events.append({**place, "action": "dislike"})
            continue
        if rng.random() < 0.7:
            events.append({**place, "action": "play", "dwell_ms": rng.randrange(20_000, 240_000)})
        if rng.random() < 0.35 * glad:
            events.append({**place, "action": rng.choice(("like", "favourite"))})
        break
    return events


def mean_reciprocal_rank(visits: Sequence[Visit]) -> float:
    """Mean of 1/rank of the first wanted entity, 0 where it was not on the page."""
    if not visits:
        return 0.0
    return round(sum(1 / visit.rank for visit in visits if visit.rank) / len(visits), 4)


def _dice(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - simulated people keep no secrets
