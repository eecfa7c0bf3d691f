"""What ranking costs a page: features and scores of so many candidates, and a fit.

    python benchmarks/ranking.py [--candidates 200] [--pages 2000] [--json FILE]

Needs nothing but this checkout: candidates are made up, each brought by a few of 24 strategies, and
with names whose words are compared, types and cosines, as on real pages. `features_median_ms` is
part of the other medians.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson

from bandit_service.memory import examination
from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.corrected import correct
from bandit_service.ranking.examples import Page, Shown, gather
from bandit_service.ranking.features import table
from bandit_service.ranking.linear import fit_linear
from bandit_service.ranking.model import Model
from bandit_service.ranking.pool import Pool, Ranker
from bandit_service.ranking.summed import Summed
from plugin.model import Candidate, Provenance

STRATEGIES = [f"strategy_{number}" for number in range(24)]
WORDS = [f"word{number}" for number in range(300)]
COMPARED = ("name.keyword", "by.keyword", "part_of.keyword")
MOST = 1_000
ROUNDS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    dice = random.Random(1)
    context = known(dice)
    examples = gather(
        [page(dice, context, number) for number in range(arguments.pages)], examination
    )
    result: dict[str, float] = {
        "candidates": arguments.candidates,
        "examples": len(examples.labels),
    }
    asked = union(dice, arguments.candidates)
    result["features_median_ms"] = median_ms(lambda: Pool(asked, context).table)
    started = time.perf_counter()
    linear = fit_linear(examples)
    fitted = time.perf_counter()
    models: dict[str, Model] = {"linear": linear, "corrected": correct(linear, examples)}
    result["linear_fit_s"] = round(fitted - started, 2)
    result["correction_fit_s"] = round(time.perf_counter() - fitted, 2)
    for name, model in models.items():
        ranker = Summed(model, name)
        result[f"{name}_median_ms"] = median_ms(partial(ranked, ranker, asked, context))
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(orjson.dumps(result).decode())


def ranked(ranker: Ranker, candidates: list[Candidate], context: RankingContext) -> object:
    return ranker.rank(Pool(candidates, context))


def median_ms(work: Callable[[], object]) -> float:
    """Of the thread's own time: others on the machine do not count."""
    times = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        work()
        times.append((time.thread_time() - started) * 1000)
    return round(statistics.median(times), 3)


def known(dice: random.Random) -> RankingContext:
    """What is known of a query, and of the entities e0, e1 …"""
    ids = [f"e{at}" for at in range(MOST)]
    fields = {
        id: {
            **{field: [" ".join(dice.sample(WORDS, 3))] for field in COMPARED},
            "popularity.value": [dice.random() * 1e4],
            "published": [1.6e12 + dice.random() * 1e11],
        }
        for id in ids
    }
    return RankingContext(
        {"tokens": 0.2, "nearest": 0.5},
        fields,
        dict.fromkeys(ids, "song"),
        dict.fromkeys(STRATEGIES, 0.1),
        "popularity.value",
        "published",
        COMPARED,
        frozenset(WORDS[:4]),
        {name: {id: dice.random() for id in ids} for name in ("plain", "adapted")},
        1_800_000_000_000,
    )


def union(dice: random.Random, count: int) -> list[Candidate]:
    made = []
    for at in range(count):
        names = dice.sample(STRATEGIES, dice.choice((1, 1, 2, 3, 5)))
        origins = [Provenance(name, dice.randint(1, 50), dice.random()) for name in names]
        made.append(Candidate(f"e{at}", 1 - at / count / 2, tuple(origins)))
    return made


def page(dice: random.Random, context: RankingContext, number: int) -> Page:
    there = union(dice, 10)
    rows = table(there, context)
    shown = []
    for at, one in enumerate(there):
        liked = sum(origin.score for origin in one.provenance if origin.strategy == STRATEGIES[0])
        chosen = dice.random() < examination(at + 1) * (0.05 + 0.6 * min(1.0, liked))
        shown.append(Shown(one.id, at + 1, 0.6 * chosen, rows.row(at)))
    return Page(f"q{number}", dict(rows.query), tuple(shown))


if __name__ == "__main__":
    main()
