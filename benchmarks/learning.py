"""How well learning does, against blends that do not learn, with *simulated* choices.

    python benchmarks/learning.py --data DIR [--kind-field metadata.kind] [--json FILE]

DIR is in BEIR layout. What every strategy brings is recorded once, on a node that is started for it
and stopped after, and kept in the cache under a hash of data, assets and encoder.
Where there is no `qrels/test.tsv`, queries are split so that nothing leaks; `--on development`
measures on queries that are neither traffic nor test, which is where designs are chosen.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import orjson

from bandit_service.evaluation.baselines import by_kind, measure, tune_on
from bandit_service.evaluation.splits import load_split
from ltrr.evaluating.recording import recorded
from ltrr.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    settings = Settings.from_env()
    parser.add_argument("--data", type=Path, default=settings.data, required=not settings.data)
    parser.add_argument("--kind-field", help="groups queries: metadata.kind")
    parser.add_argument("--field", action="append", default=[], help="by=metadata.author")
    parser.add_argument("--train", default="train", help="qrels/<name>.tsv that is traffic")
    parser.add_argument("--test", default="test", help="qrels/<name>.tsv that is never clicked")
    parser.add_argument("--on", choices=("test", "development"), default="test")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    split = load_split(
        arguments.data, arguments.kind_field, train=arguments.train, test=arguments.test
    )
    # Whoever looks at the development split has not trained on it.
    measured = split.test if arguments.on == "test" else split.development
    traffic = split.train if arguments.on == "development" else split.train + split.development
    fields = dict(one.split("=", 1) for one in arguments.field)
    recording, _ = recorded(settings, arguments.data, [*traffic, *measured], fields)
    tuned = tune_on(recording, traffic, recording.strategies)
    result: dict[str, Any] = {"on": arguments.on, "never_clicked": {}}
    for kind, queries in by_kind(measured).items():
        bars = measure(recording, queries, tuned[kind])
        result["never_clicked"][kind] = bars.as_dict()
        print(kind, bars.as_dict())
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
