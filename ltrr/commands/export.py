"""``ltrr export``: what the journal tells, for other tools."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
import orjson

from ltrr.settings import Settings


@click.group("export")
def export() -> None:
    """Write what the journal tells into files for other tools: `judgments`."""


@export.command("judgments")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["srw", "trec"]),
    default="srw",
    show_default=True,
    help="`srw`: what OpenSearch's Search Relevance Workbench imports; `trec`: qrels.",
)
@click.option(
    "--method",
    type=click.Choice(["coec", "examination"]),
    default="coec",
    show_default=True,
    help="Clicks over expected clicks, or grades per examination.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only what was asked since then (UTC).",
)
@click.option(
    "--sessions",
    type=click.IntRange(min=1),
    help="How many distinct ones must have asked a query; else LTRR_MEMORY_SESSIONS.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output."
)
@click.option(
    "--queries",
    "queries_out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With `trec`: a file for the texts that the queries' keys stand for.",
)
def judgments(
    kind: Literal["srw", "trec"],
    method: Literal["coec", "examination"],
    since: datetime | None,
    sessions: int | None,
    out: Path | None,
    queries_out: Path | None,
) -> None:
    """Write judgments of query-entity pairs, from what people looked at and chose."""
    from bandit_service.evaluation.implicit import formats
    from bandit_service.evaluation.implicit.judging import judge
    from bandit_service.evaluation.implicit.visits import visits
    from bandit_service.journal.reader import Reader
    from ltrr.wiring import learner_rules, open_cluster
    from plugin.strategies import load_strategies

    settings = Settings.from_env()
    rules = learner_rules(settings, load_strategies(settings.assets))
    earliest = since.replace(tzinfo=UTC).timestamp() * 1000 if since else 0
    cluster = open_cluster(settings)
    try:
        told = visits(Reader(cluster).entries(), rules.grades, rules.limits, rules.window_ms)
        judged = judge(
            (visit for visit in told if visit.at >= earliest),
            method,
            sessions=sessions or settings.memory_sessions,
        )
    finally:
        cluster.close()
    if kind == "trec":
        text = formats.qrels(judged, method)
        if queries_out is not None:
            queries_out.write_text(formats.queries(judged), encoding="utf-8")
    else:
        name = f"{settings.namespace} {method}"
        body = formats.workbench(judged, name, method)
        text = orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n"
    if out is not None:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
    pairs = sum(len(one.ratings) for one in judged)
    click.echo(f"{pairs} judgments of {len(judged)} queries.", err=True)
