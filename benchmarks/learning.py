"""How well learning does, against blends that do not learn, with *simulated* choices.

    python benchmarks/learning.py --data DIR [--kind-field metadata.kind] [--json FILE] [--short]

DIR is in BEIR layout. What every strategy brings is recorded once, on a node that is started for it
and stopped after, and kept in the cache under a hash of data, assets and encoder. Where there is no
`qrels/test.tsv`, queries are split so that nothing leaks; `--on development` measures on queries
that are neither traffic nor test, which is where designs are chosen. docs/learning.md explains the
method.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import orjson

from ltrr.evaluating.queries import SHORT_SESSIONS, Options
from ltrr.evaluating.study import study
from ltrr.evaluating.table import table
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
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="1 seed, 2,000 sessions, a sample")
    parser.add_argument("--full", action="store_true", help="with each part off in turn")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    options = Options(
        data=arguments.data,
        kind_field=arguments.kind_field,
        fields=dict(one.split("=", 1) for one in arguments.field),
        train=arguments.train,
        test=arguments.test,
        on=arguments.on,
        sessions=arguments.sessions,
        seeds=arguments.seeds,
        short=arguments.short,
        full=arguments.full,
    )
    if arguments.short:
        options = replace(options, sessions=SHORT_SESSIONS, seeds=1)
    result = study(settings, options)
    if arguments.json:
        arguments.json.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(table(result))


if __name__ == "__main__":
    main()
