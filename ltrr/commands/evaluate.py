"""``ltrr evaluate``: what learning reaches on judged queries, against what does not learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click
import orjson

from ltrr.commands.judgments import fields_of, folder_of, judged_data
from ltrr.evaluating.queries import SHORT_SESSIONS, Options
from ltrr.settings import Settings


@click.command("evaluate")
@judged_data
@click.option("--train", default="train", show_default=True, help="The judgments of the traffic.")
@click.option("--test", default="test", show_default=True, help="Those of never-clicked queries.")
@click.option(
    "--on",
    type=click.Choice(["test", "development"]),
    default="test",
    show_default=True,
    help="The split to measure on; designs are chosen on development.",
)
@click.option(
    "--sessions",
    type=click.IntRange(min=100),
    default=10_000,
    show_default=True,
    help="Simulated sessions of each seed.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How often, each time with other people and another order.",
)
@click.option("--short", is_flag=True, help="One seed of 2,000 sessions, and a sample of queries.")
@click.option("--full", is_flag=True, help="With each part switched off in turn.")
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the learning curves as PNG.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def evaluate(
    data: Path | None,
    kind_field: str | None,
    given: tuple[str, ...],
    train: str,
    test: str,
    on: Literal["test", "development"],
    sessions: int,
    seeds: int,
    short: bool,
    full: bool,
    plots: Path | None,
    as_json: bool,
) -> None:
    """Measure learning on judged queries with simulated people; docs/learning.md says how.

    What strategies bring is recorded once, on a node of its own that is stopped again.
    """
    from ltrr.evaluating.plots import draw
    from ltrr.evaluating.study import study
    from ltrr.evaluating.table import table

    settings = Settings.from_env()
    result = study(
        settings,
        Options(
            data=folder_of(settings, data),
            kind_field=kind_field,
            fields=fields_of(given),
            train=train,
            test=test,
            on=on,
            sessions=SHORT_SESSIONS if short else sessions,
            seeds=1 if short else seeds,
            short=short,
            full=full,
        ),
    )
    if plots is not None:
        for path in draw(result, plots):
            click.echo(f"Drawn: {path}", err=True)
    click.echo(_json(result) if as_json else table(result))


def _json(result: dict[str, Any]) -> str:
    return orjson.dumps(result, option=orjson.OPT_INDENT_2).decode()
