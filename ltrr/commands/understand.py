"""``ltrr understand``: how a query is read, without a sidecar."""

from __future__ import annotations

from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bandit_service.api.understanding import told_reading
from ltrr.settings import Settings
from ltrr.wiring import make_follower, open_cluster
from plugin.errors import LtrrError
from plugin.understanding import Understanding
from plugin.understanding.following import VocabularyFollower

_PIPED_WIDTH = 120


@click.command()
@click.argument("query")
@click.option("--json", "as_json", is_flag=True, help="Print the reading as JSON.")
def understand(query: str, as_json: bool) -> None:
    """Show how a query is read: language, intents, and what its words may mean.

    The words come from the index (and are brought up to date first); without a cluster, from what
    was last read of it.
    """
    settings = Settings.from_env()
    cluster = open_cluster(settings)
    try:
        follower = make_follower(settings, cluster)
        _follow(follower)
        reading = follower.reader.read(query)
    finally:
        cluster.close()
    told = _told(reading)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(told)


def _follow(follower: VocabularyFollower) -> None:
    try:
        follower.look()
    except LtrrError as error:
        known = "what was read of the index before" if follower.current() else "nothing of it"
        click.echo(f"ltrr: {error.message} Known is {known}.", err=True)


def _told(reading: Understanding) -> dict[str, Any]:
    return {
        "text": reading.text,
        "words": list(reading.words),
        "says_nothing": reading.says_nothing,
        **told_reading(reading.language, reading.corrected, reading.intents, reading.slots),
    }


def _print(told: dict[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)
    lines = {
        "words": " ".join(told["words"]),
        "language": told["language"] or "not sure",
        "corrected": told["corrected"],
        "intents": ", ".join(
            f"{name} {likelihood:.0%}"
            for name, likelihood in sorted(told["intents"].items(), key=lambda one: -one[1])
            if likelihood >= 0.01
        ),
        "says": "nothing that narrows anything down" if told["says_nothing"] else "",
    }
    for name, value in lines.items():
        if value:
            console.print(Text(f"{name}: {value}"))
    if not told["slots"]:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("likelihood", "words", "role", "value", "entity"):
        table.add_column(name, overflow="fold")
    for slot in told["slots"]:
        likelihood = f"{slot['likelihood']:.2f}"
        cells = (slot["words"], slot["role"], slot["value"], slot["entity"] or "")
        table.add_row(likelihood, *map(Text, cells))
    console.print(table)
