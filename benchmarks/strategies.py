"""What each strategy brings, alone and to the union, on judged queries.

    python benchmarks/strategies.py --data DIR [--kind-field metadata.kind] [--json FILE]

DIR is in BEIR layout (corpus.jsonl, queries.jsonl, qrels/). It is loaded once into a namespace of
its own on the node that the settings name (`ltrr up` starts one); later runs find it there. Nothing
is learnt and nobody has chosen anything: memory holds what was predicted. Per kind of query it
prints, for each strategy, nDCG@10 and Recall@100 of what it brings alone, how many relevant
entities nobody else brought, the share of queries that it was eligible for, and the median latency
of asking it alone; and for the union of each one's top 100 its recall and size, and Recall@100
after blending all equally and by the weights of baseline.toml.

`--split dev` takes the half of the queries that one may tune on, `--split test` the other one;
queries of one conversation (ids that differ after the last `_`) are never divided.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ir_measures
import orjson
from ir_measures import R, nDCG

from bandit_service.breakers import Breakers
from bandit_service.choosing import Choosing
from bandit_service.costs import Costs
from bandit_service.drawing import Drawing, blended
from bandit_service.evaluation.judgments import Judged, load_judged
from bandit_service.knowing import Knowing
from bandit_service.lanes import Lanes
from bandit_service.page import Question
from ltrr.evaluating.dataset import loaded
from ltrr.settings import Settings
from ltrr.wiring import make_encoder, make_knowing, open_cluster
from plugin.assets.baseline import load_baseline
from plugin.assets.schema import load_schema
from plugin.blending.minmax import MinMax
from plugin.cluster import Cluster
from plugin.model import Choice, Decision, Query, Retrieved
from plugin.relations import relations_of
from plugin.retrieval import retrieve
from plugin.rewriting import eligible, rewrite
from plugin.strategies import Strategy, load_strategies

DEPTH = 100
TIMED = 60
"""Queries of each kind that latencies are measured with."""

NDCG, RECALL = nDCG @ 10, R @ DEPTH


@dataclass(frozen=True, slots=True)
class Drawn:
    """What every strategy brought for one judged query."""

    judged: Judged
    retrieved: Sequence[Retrieved]

    def ids(self, name: str) -> frozenset[str]:
        """What ``name`` brought."""
        return frozenset(
            hit.id for one in self.retrieved if one.strategy == name for hit in one.hits
        )


class Bench:
    """Asks every strategy for its best 100, as the sidecar would with nobody's history."""

    def __init__(self, settings: Settings) -> None:
        self.cluster: Cluster = open_cluster(settings)
        self.strategies: tuple[Strategy, ...] = load_strategies(settings.assets)
        names = [strategy.name for strategy in self.strategies]
        self.baseline: Mapping[str, float] = load_baseline(settings.assets, names)
        self._schema = load_schema(settings.assets)
        self._blender = MinMax()
        self._knowing: Knowing = make_knowing(settings, self.cluster, make_encoder(settings))
        choosing = Choosing(self.strategies, lambda _: {}, _Nothing(), candidates=DEPTH)
        lanes = Lanes(partial(retrieve, self.cluster), Costs(), Breakers(), budget_s=60.0)
        relations = relations_of(self.cluster, self._schema, 60.0)
        name = self.cluster.name
        self._drawing = Drawing(lanes, name, self._schema.type, choosing, self._blender, relations)

    def read(self, judged: Judged) -> tuple[Query, tuple[Strategy, ...]]:
        """The query, and who is eligible for it."""
        query = self._knowing.query(Question(judged.text), [])
        return query, eligible(self.strategies, query).strategies

    def draw(self, judged: Judged) -> Drawn:
        """What each eligible strategy brings; one that fails is an error here."""
        query, fitting = self.read(judged)
        trouble: list[str] = []
        retrieved = self._drawing.draw(query, _everything(fitting), fitting, trouble)
        if trouble:
            raise SystemExit(f"{judged.text!r}: {trouble[0]}")
        return Drawn(judged, retrieved)

    def blend(self, drawn: Drawn, weights: Mapping[str, float]) -> dict[str, float]:
        """Entity → score of the first hundred after blending."""
        choices = tuple(
            Choice(one.strategy, 0.0, 1.0, True, DEPTH, weights.get(one.strategy, 0.0))
            for one in drawn.retrieved
        )
        decision = Decision(choices, "everything", 1.0, "benchmark")
        best = blended(self._blender, drawn.retrieved, decision)[:DEPTH]
        return {candidate.id: float(-rank) for rank, candidate in enumerate(best)}

    def time(self, judged: Sequence[Judged]) -> dict[str, float]:
        """Strategy → median milliseconds of asking it alone, in turns with the others."""
        times: dict[str, list[float]] = defaultdict(list)
        for one in judged:
            query, fitting = self.read(one)
            for strategy in fitting:
                if strategy.stage != 1:
                    continue
                choices = _everything([strategy]).included
                lines = rewrite(query, choices, fitting, self.cluster.name, self._schema.type)
                started = time.perf_counter()
                retrieve(self.cluster, lines, choices)
                times[strategy.name].append((time.perf_counter() - started) * 1000)
        return {name: statistics.median(found) for name, found in times.items()}


class _Nothing:
    """No snapshot: nothing was learnt."""

    def current(self) -> None:
        return None

    def history(self) -> Sequence[Mapping[str, Any]]:
        return ()


def _everything(strategies: Sequence[Strategy]) -> Decision:
    weight = 1 / max(1, len(strategies))
    return Decision(
        tuple(Choice(one.name, 0.0, 1.0, True, DEPTH, weight) for one in strategies),
        "everything",
        1.0,
        "benchmark",
    )


def measure(bench: Bench, judged: Sequence[Judged], threads: int) -> dict[str, Any]:
    """The figures of one kind of query."""
    with ThreadPoolExecutor(threads) as pool:
        drawn = list(pool.map(bench.draw, judged))
    latency = bench.time(judged[:TIMED])
    table = []
    for strategy in bench.strategies:
        name = strategy.name
        runs = {
            one.judged.id: {hit.id: float(-rank) for rank, hit in enumerate(result.hits)}
            for one in drawn
            for result in one.retrieved
            if result.strategy == name
        }
        table.append(
            {
                "name": name,
                "family": strategy.family,
                **_figures(judged, runs),
                "alone": sum(_alone(one, name) for one in drawn),
                "eligible": round(len(runs) / len(judged), 3),
                "median_ms": round(latency[name], 2) if name in latency else None,
            }
        )
    unions = [
        frozenset().union(*(one.ids(each.strategy) for each in one.retrieved)) for one in drawn
    ]
    found = [
        len(union & one.judged.relevant) / len(one.judged.relevant)
        for union, one in zip(unions, drawn, strict=True)
    ]
    equal = {strategy.name: 1.0 for strategy in bench.strategies}
    blends = {"equal": equal, "baseline": bench.baseline}
    return {
        "queries": len(judged),
        "strategies": table,
        "union": {
            "recall": round(statistics.mean(found), 4),
            "size": round(statistics.mean(map(len, unions)), 1),
            "blended": {
                name: _figures(judged, {one.judged.id: bench.blend(one, weights) for one in drawn})
                for name, weights in blends.items()
            },
        },
    }


def _figures(judged: Sequence[Judged], runs: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Means over all of ``judged``: a query that a strategy was not eligible for counts 0."""
    qrels = {one.id: dict(one.grades) for one in judged}
    run = {id: dict(hits) for id, hits in runs.items()}
    sums = {NDCG: 0.0, RECALL: 0.0}
    for metric in ir_measures.iter_calc([NDCG, RECALL], qrels, run):
        sums[metric.measure] += metric.value
    return {
        "ndcg_10": round(sums[NDCG] / len(judged), 4),
        "recall_100": round(sums[RECALL] / len(judged), 4),
    }


def _alone(drawn: Drawn, name: str) -> int:
    others = frozenset().union(
        *(drawn.ids(one.strategy) for one in drawn.retrieved if one.strategy != name)
    )
    return len((drawn.ids(name) & drawn.judged.relevant) - others)


def _split(judged: Sequence[Judged], split: str) -> list[Judged]:
    if split == "all":
        return list(judged)

    def half(one: Judged) -> str:
        group = one.id.rpartition("_")[0] or one.id
        return "dev" if hashlib.blake2b(group.encode(), digest_size=1).digest()[0] % 2 else "test"

    return [one for one in judged if half(one) == split]


def _print(kind: str, figures: Mapping[str, Any]) -> None:
    print(f"\n{kind}: {figures['queries']} queries")
    print(f"{'strategy':<18}{'nDCG@10':>9}{'R@100':>8}{'alone':>7}{'eligible':>10}{'ms':>8}")
    for row in figures["strategies"]:
        ms = "" if row["median_ms"] is None else f"{row['median_ms']:.1f}"
        print(
            f"{row['name']:<18}{row['ndcg_10']:>9.3f}{row['recall_100']:>8.3f}{row['alone']:>7}"
            f"{row['eligible']:>10.0%}{ms:>8}"
        )
    union = figures["union"]
    print(f"union: recall {union['recall']:.3f}, {union['size']:.0f} entities a query")
    for name, blend in union["blended"].items():
        ndcg, recall = blend["ndcg_10"], blend["recall_100"]
        print(f"blended ({name} weights): nDCG@10 {ndcg:.3f}, Recall@100 {recall:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    settings = Settings.from_env()
    parser.add_argument("--data", type=Path, default=settings.data, required=not settings.data)
    parser.add_argument("--kind-field", help="groups queries: metadata.kind")
    parser.add_argument("--field", action="append", default=[], help="by=metadata.author")
    parser.add_argument("--split", choices=("all", "dev", "test"), default="all")
    parser.add_argument("--sample", type=int, help="at most so many queries of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    judged = _split(load_judged(arguments.data, arguments.kind_field), arguments.split)
    fields = dict(one.split("=", 1) for one in arguments.field)
    bench = Bench(loaded(settings, arguments.data, fields))
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        kinds[one.kind].append(one)
    result = {"split": arguments.split, "seed": arguments.seed, "kinds": {}}
    for kind, queries in sorted(kinds.items()):
        most = min(len(queries), arguments.sample or len(queries))
        sample = random.Random(arguments.seed).sample(queries, most)
        figures = measure(bench, sample, arguments.threads)
        result["kinds"][kind] = figures
        _print(kind, figures)
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
