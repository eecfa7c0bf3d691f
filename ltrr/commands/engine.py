"""``ltrr up | down | status | doctor``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ltrr.progress import ConsoleReporter
from ltrr.settings import Settings
from plugin.engine import Running

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")


@click.command()
@_JSON
def up(as_json: bool) -> None:
    """Start OpenSearch and the model server, unless they run.

    The first time this downloads OpenSearch (571 MB). With LTRR_ENGINE=url it only checks that the
    cluster answers, and says what it is.
    """
    from ltrr.engine import bring_up

    running = bring_up(Settings.from_env(), ConsoleReporter())
    if as_json:
        _print_json({"running": True, **asdict(running)})
        return
    _tell(running, "is up" if running.started else "is already up")


@click.command()
@_JSON
def down(as_json: bool) -> None:
    """Stop what `ltrr up` started, and nothing else. The data stays."""
    from ltrr.engine import take_down

    stopped = take_down(Settings.from_env(), ConsoleReporter())
    if as_json:
        _print_json({"stopped": stopped})
    elif stopped:
        click.echo(f"Stopped: {', '.join(stopped)}. The data stays; `ltrr up` goes on with it.")
    else:
        click.echo("Nothing of ours was running.")


@click.command()
@_JSON
def status(as_json: bool) -> None:
    """Say what is running. Exit code 3 when no OpenSearch answers."""
    from ltrr.engine import state_of

    running = state_of(Settings.from_env(), ConsoleReporter())
    if as_json:
        _print_json({"running": running is not None, **(asdict(running) if running else {})})
    elif running:
        _tell(running, "is up")
    else:
        click.echo("OpenSearch is not running. `ltrr up` starts it.")
    if running is None:
        sys.exit(3)


@click.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Look at this machine, and say what is missing and what to do. Exit code 1 if something is."""
    from ltrr.doctor import examine

    checks = list(examine(Settings.from_env()))
    failed = any(check.result == "fail" for check in checks)
    if as_json:
        _print_json({"ok": not failed, "checks": [asdict(check) for check in checks]})
    else:
        colours = {"ok": "green", "warn": "yellow", "fail": "red"}
        table = Table("", "", box=None, header_style="bold")
        table.add_column("found", overflow="fold")
        table.add_column("what to do")
        for check in checks:
            result = Text(check.result, style=colours[check.result])
            table.add_row(result, check.what, Text(check.found), Text(check.advice))
        Console().print(table)
    if failed:
        sys.exit(1)


def _tell(running: Running, how: str) -> None:
    click.echo(f"OpenSearch {running.version} {how} at {running.url}")
    click.echo(f"  plugins: {', '.join(running.plugins) or 'unknown'}")
    if running.model_server:
        click.echo(f"  model server: {running.model_server}")
    for note in running.notes:
        click.echo(f"  note: {note}")


def _print_json(answer: Any) -> None:
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
