"""What a query waits for: the whole answer of a sidecar against its bare ``_msearch/template``.

    python benchmarks/query_path.py [--url http://127.0.0.1:8642] [--rounds 20] [--json FILE]

Needs a running node and sidecar (`ltrr up`, `ltrr apply`, `ltrr ingest`, `ltrr serve`). Both sides
are asked in turn, query by query, so that the ratio of their medians holds on a noisy machine;
single milliseconds do not. The bare side sends all strategies, with vectors made beforehand, and
reads no source fields: the least that any hybrid search must do.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson

from bandit_service.collaborators import utc_now
from bandit_service.policies.static import uniform_decision
from ltrr.client import Client
from ltrr.settings import Settings
from ltrr.wiring import make_encoder, open_cluster
from plugin.assets.schema import load_schema
from plugin.model import Query
from plugin.retrieval import FILTER_PATH
from plugin.rewriting import eligible, rewrite
from plugin.strategies import load_strategies
from plugin.understanding import memory_key

QUERIES = ("tayler love", "hello", "songs for a rainy sunday", "queen", "90s hip hop", "happy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    settings = Settings.from_env()
    parser.add_argument("--url", default=f"http://{settings.host}:{settings.port}")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    cluster = open_cluster(settings)
    encoder = make_encoder(settings)
    schema = load_schema(settings.assets)
    strategies = load_strategies(settings.assets)

    def bare(text: str) -> Callable[[], object]:
        vector = tuple(encoder.encode([text])[0].tolist())
        query = Query(text, memory_key(text), utc_now(), vector=vector)
        fitting = eligible(strategies, query).strategies
        decision = uniform_decision({one.name: {} for one in fitting}, budget=settings.candidates)
        lines = rewrite(query, decision.included, fitting, cluster.name, schema.type)
        params = {"filter_path": FILTER_PATH, "max_concurrent_searches": len(fitting)}
        return lambda: cluster.lines("POST", "/_msearch/template", lines, params=params)

    with Client(arguments.url) as client:
        sides: dict[str, list[float]] = {"bare": [], "sidecar": []}
        asked: dict[str, dict[str, Callable[[], object]]] = {
            text: {
                "bare": bare(text),
                "sidecar": partial(client.search, text, learn=False),
            }
            for text in QUERIES
        }
        for round_number in range(arguments.rounds + 1):
            for calls in asked.values():
                for side, call in calls.items():
                    started = time.perf_counter()
                    call()
                    if round_number:  # the first round only warms up
                        sides[side].append((time.perf_counter() - started) * 1000)

    medians = {side: round(statistics.median(times), 2) for side, times in sides.items()}
    result = {
        "median_ms": medians,
        "ratio": round(medians["sidecar"] / medians["bare"], 3),
        "queries": len(sides["bare"]),
        "strategies": len(strategies),
    }
    print(orjson.dumps(result).decode())
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
