"""How fast the learner folds, and whether the same journal always gives the same bytes.

    python benchmarks/learner.py [--entries 1000000] [--json FILE]

The journal is made up: queries, people and choices are *simulated* (Zipf over 20,000 texts), with
entries that come twice, too late or in another order. Strategies, features, settings and the code
are the real ones. It is folded twice, side by side: in one go, and by learners that are killed at
random positions and go on from the last snapshot. ``peak_mb`` is what both states take together.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from bandit_service.features.context import featurise
from bandit_service.features.strategies import strategy_features
from bandit_service.journal.entries import Entry, decision_entry, feedback_entry, page_entry
from bandit_service.journal.reader import Placed, Position
from bandit_service.learner.fold import Rules, fold
from bandit_service.learner.state import State, dump_state, load_state
from bandit_service.policies.base import Policy
from ltrr.settings import Settings
from ltrr.wiring import learner_rules, policy_maker
from plugin.model import Candidate, Choice, Decision, Provenance, Query
from plugin.strategies import Strategy, load_strategies
from plugin.understanding import memory_key

TEXTS = 20_000
INDEX = "benchmark-journal-000001"
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
_BATCH = 1000
_LIVES = 20


def journal(strategies: tuple[Strategy, ...], seed: int = 1) -> Iterator[Entry]:
    """Entries without an end, always the same for a seed."""
    rng = random.Random(seed)
    features = {one.name: strategy_features(one) for one in strategies}
    held_back: list[Entry] = []
    number = 0
    while True:
        number += 1
        entries = _search(rng, number, features)
        if rng.random() < 0.02:
            entries.append(entries[-1])  # a shipper that does not know whether it got through
        if rng.random() < 0.05:
            rng.shuffle(entries)
        if rng.random() < 0.01:
            held_back.append(entries.pop())  # from a spool that was away for a while
        if held_back and rng.random() < 0.01:
            entries.append(held_back.pop(0))
        yield from entries


def _search(rng: random.Random, number: int, features: dict[str, dict[str, float]]) -> list[Entry]:
    now = START + timedelta(milliseconds=200 * number)
    text_number = int(TEXTS ** rng.random())
    text = f"song {text_number % 97} by singer {text_number}"
    session, client = f"s{number // 5}", f"c{number // 20}"
    query = Query(text=text, memory_key=memory_key(text), now=now, session=session)
    query_id = f"q{number}"
    context = featurise(
        query,
        session_seen=number % 5 > 0,
        memory_hit=text_number < 100,
        asked=float(text_number % 50),
        reduced=[rng.uniform(-1, 1) for _ in range(12)],
    )
    names = sorted(features)
    included = set(rng.sample(names, 7))
    ran = sorted(included)
    choices = tuple(
        Choice(name, rng.random(), 0.3, name in included, 50 * (name in included), 1 / 7)
        for name in names
    )
    decision = Decision(choices, "learned", 0.93, "benchmark")
    shown = [
        (
            Candidate(
                f"e{(text_number * 7 + place * rng.randrange(1, 4)) % 50_000}-{place}",
                1 / (place + 1),
                tuple(
                    Provenance(name, place + 1 + at, 1.0)
                    for at, name in enumerate(sorted(rng.sample(ran, 3)))
                ),
            ),
            "song",
        )
        for place in range(10)
    ]
    entries = [
        decision_entry(
            query_id, INDEX, query, decision, context, strategies=features, client=client
        ),
        page_entry(
            query_id,
            INDEX,
            query,
            now,
            shown,
            0,
            [candidate.id for candidate, _ in shown],
            ranker_version="blend",
            degraded=[],
            client=client,
        ),
    ]
    for event in range(rng.choice((0, 0, 1, 1, 2))):
        candidate, _ = shown[min(9, int(rng.expovariate(0.4)))]
        entries.append(
            feedback_entry(
                query_id,
                INDEX,
                f"{event}",
                now + timedelta(seconds=5),
                {"object_id": candidate.id, "action": rng.choice(("click", "click", "like"))},
                session=session,
                user=f"u{number // 40}" if number % 3 else None,
                client=client,
            )
        )
    return entries


@dataclass(frozen=True, slots=True)
class World:
    """What a fold needs."""

    strategies: tuple[Strategy, ...]
    new_policy: Callable[[], Policy]
    rules: Rules

    def batches(self, entries: int) -> Iterator[list[Placed]]:
        """The journal, a page at a time."""
        placed = (
            Placed(Position(1, number), entry)
            for number, entry in enumerate(islice(journal(self.strategies), entries))
        )
        while batch := list(islice(placed, _BATCH)):
            yield batch


class Mortal:
    """A learner that is killed at random positions, and goes on from its last snapshot."""

    def __init__(self, world: World, entries: int, seed: int = 1) -> None:
        self._world = world
        self._rng = random.Random(seed)
        self._deaths = sorted(self._rng.randrange(entries) for _ in range(_LIVES))
        self._snapshot = dump_state(State(world.new_policy()))
        self.state = load_state(self._snapshot, world.new_policy)
        self._since: list[Placed] = []  # what the next life reads again

    def take_in(self, batch: list[Placed]) -> None:
        for one in batch:
            self._since.append(one)
            fold(self.state, one, self._world.rules)
            if self._deaths and one.position.seq_no >= self._deaths[0]:
                self._deaths.pop(0)
                self._begin_again()
        _written(self.state)
        if len(self._since) > 20 * _BATCH and self._rng.random() < 0.05:
            self._publish()

    def _begin_again(self) -> None:
        self.state = load_state(self._snapshot, self._world.new_policy)
        for again in self._since:
            fold(self.state, again, self._world.rules)
        self._publish()

    def _publish(self) -> None:
        self._snapshot, self._since = dump_state(self.state), []


def _written(state: State) -> None:
    """Projections have taken away what changed."""
    state.memory.changed.clear()
    state.users.changed.clear()


def measure(entries: int) -> dict[str, Any]:
    """What the command line prints."""
    settings = Settings.from_env()
    strategies = load_strategies(settings.assets)
    world = World(
        strategies, policy_maker(settings, strategies), learner_rules(settings, strategies)
    )
    state, mortal, seconds = State(world.new_policy()), Mortal(world, entries), 0.0
    for batch in world.batches(entries):
        began = time.process_time()
        for one in batch:
            fold(state, one, world.rules)
        seconds += time.process_time() - began
        _written(state)
        mortal.take_in(batch)
    began = time.process_time()
    whole = dump_state(state)
    dumped = time.process_time()
    load_state(whole, world.new_policy)
    loaded = time.process_time()
    return {
        "entries": entries,
        "entries_per_s": round(entries / seconds, 1),
        "replay_identical": whole == dump_state(mortal.state),
        "dump_s": round(dumped - began, 3),
        "load_s": round(loaded - dumped, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "sha256": hashlib.sha256(whole).hexdigest(),
        "snapshot_bytes": len(whole),
        "counts": dict(sorted(state.counts.items())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    measured = measure(arguments.entries)
    for name, value in measured.items():
        print(f"{name:<18} {value}")
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(measured, option=orjson.OPT_INDENT_2))
    raise SystemExit(0 if measured["replay_identical"] else 1)


if __name__ == "__main__":
    main()
