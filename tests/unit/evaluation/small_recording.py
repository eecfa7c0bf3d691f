"""A small recorded world: `right` ranks what is relevant well, `ok` now and then, `noise` never."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import numpy as np

from bandit_service.evaluation.catalogue import Catalogue
from bandit_service.evaluation.judgments import Judged
from bandit_service.evaluation.recordings import Recording
from plugin.model import Hit, Query, Retrieved, Slot

STRATEGIES = ("noise", "ok", "right")
NOW = datetime.fromtimestamp(0, UTC)


def small_recording(
    n: int = 30,
    seed: int = 1,
    *,
    more: tuple[str, ...] = (),
    names: tuple[str, str, str] = STRATEGIES,
) -> tuple[Recording, list[Judged]]:
    """Queries with three relevant entities each; the strategies ``more`` bring nothing."""
    dice = random.Random(seed)
    recording = Recording()
    judged = []
    for at in range(n):
        entities = [f"e{dice.randrange(500)}" for _ in range(80)]
        entities = list(dict.fromkeys(entities))
        relevant = dice.sample(entities, 3)
        judged.append(Judged(f"q{at}", f"text {at}", "all", dict.fromkeys(relevant, 1)))
        found = []
        for name, luck in zip(names, (0.0, 0.4, 0.9), strict=True):
            scores = {
                one: dice.random() + (one in relevant) * (dice.random() < luck) for one in entities
            }
            best = sorted(scores, key=lambda one: -scores[one])
            found.append(Retrieved(name, tuple(Hit(one, round(scores[one], 2)) for one in best)))
        query = Query(
            f"text {at}",
            f"k{at}",
            NOW,
            vector=(0.6, 0.8),
            slots=(Slot(0, 1, "text", "name", "name", "text", 0.5),),
            intents={"find": 0.5},
        )
        recording.add(f"q{at}", query, [*found, *(Retrieved(name) for name in more)])
    return recording, judged


def small_catalogue(recording: Recording) -> Catalogue:
    """The entities of a recording, all of one type."""
    values = {id: {"type": ["song"]} for id in recording.entities}
    sources = {id: {"type": "song", "name": id} for id in recording.entities}
    return Catalogue(values, sources, np.zeros((len(values), 2), np.float32))
