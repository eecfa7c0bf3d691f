"""``ltrr validate | plan | apply``: from the asset files to the cluster.

Exit codes: 0 nothing to do (or done), 2 there are changes (``plan``), 1 something is wrong.
"""

from __future__ import annotations

import sys
from typing import Any

import click
import orjson

from ltrr.applying import alone
from ltrr.progress import shown_progress
from ltrr.settings import Settings
from ltrr.wiring import asset_values, open_cluster
from plugin.assets import planning
from plugin.assets.changes import Change, Plan
from plugin.assets.extends import edited
from plugin.assets.indexes import Allowed
from plugin.assets.problems import InvalidAssets
from plugin.assets.validate import validate as validate_assets

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_DELETIONS = click.option(
    "--deletions",
    type=click.IntRange(min=0),
    metavar="N",
    help="Agree to N deletions, where that is more than a sane share.",
)
_ALLOW_REPLACE = click.option(
    "--allow-replace",
    is_flag=True,
    help="Where a change cannot be made in place: a new index, a copy, and the alias moved.",
)
_PRUNE = click.option(
    "--prune",
    is_flag=True,
    help="Delete indexes of ours, with their documents, that no file wants, and old generations.",
)
_COLOURS = {"+": "green", "-": "red", "~": "yellow", "@": "cyan"}


@click.command()
@_JSON
def validate(as_json: bool) -> None:
    """Check the asset files, without a cluster.

    Every case renders to its body, every field is in a mapping, dimensions agree, no credentials.
    """
    try:
        settings = Settings.from_env()
        assets = validate_assets(settings.assets, asset_values(settings))
    except InvalidAssets as error:
        if not as_json:
            raise
        _print_json(
            {
                "valid": False,
                "problems": [
                    {"file": one.file, "place": one.place, "message": one.message}
                    for one in error.problems
                ],
            }
        )
        sys.exit(1)
    cases = sum(len(given) for given in assets.cases.values())
    if as_json:
        strategies = [strategy.name for strategy in assets.strategies]
        _print_json({"valid": True, "problems": [], "strategies": strategies, "cases": cases})
    else:
        click.echo(
            f"{edited(settings.assets)}: {len(assets.strategies)} strategies with {cases} cases, "
            f"{len(assets.indexes)} indexes: nothing is wrong."
        )


@click.command()
@_ALLOW_REPLACE
@_PRUNE
@_DELETIONS
@_JSON
def plan(allow_replace: bool, prune: bool, deletions: int | None, as_json: bool) -> None:
    """Show how the cluster differs from the asset files. Only reads.

    Exits with 0 when nothing is to be done, with 2 when `ltrr apply` would change something.
    """
    settings = Settings.from_env()
    cluster = open_cluster(settings)
    try:
        found = planning.plan(
            settings.assets,
            cluster,
            asset_values(settings),
            deletions=deletions,
            allowed=Allowed(allow_replace, prune),
        )
    finally:
        cluster.close()
    if as_json:
        _print_json(found.to_json())
    else:
        _print_plan(found)
    sys.exit(found.exit_code)


@click.command()
@_ALLOW_REPLACE
@_PRUNE
@_DELETIONS
@_JSON
def apply(allow_replace: bool, prune: bool, deletions: int | None, as_json: bool) -> None:
    """Make the cluster as the asset files say, in a safe order.

    What cannot be changed in place is refused before anything is written, unless --allow-replace
    is said. Again changes nothing. One at a time: a second one waits for the first.
    """
    settings = Settings.from_env()
    cluster = open_cluster(settings)
    try:
        with alone(cluster, _wait_told), shown_progress() as progress:
            done = planning.apply(
                settings.assets,
                cluster,
                asset_values(settings),
                deletions=deletions,
                allowed=Allowed(allow_replace, prune, progress),
                report=None if as_json else _print_change,
            )
    finally:
        cluster.close()
    if as_json:
        _print_json(done.to_json())
        return
    _print_notes(done)
    count = len(done.changes)
    click.echo("The cluster is as the files say." if not count else f"{count} changes applied.")


def _wait_told(message: str) -> None:
    click.echo(message, err=True)


def _print_plan(found: Plan) -> None:
    for change in found.changes:
        _print_change(change)
        # Of something new, the file itself is what a person reads.
        for line in () if change.action == "create" else change.diff:
            click.echo("    " + _coloured(line))
    _print_notes(found)
    for refusal in found.refusals:
        click.secho(f"cannot be applied: {refusal}", fg="red", err=True)
    if not found.refusals:
        count = len(found.changes)
        click.echo(
            f"{count} changes; `ltrr apply` makes them." if count else "Nothing to do: no changes."
        )


def _print_change(change: Change) -> None:
    click.echo(_coloured(change.line()))


def _print_notes(found: Plan) -> None:
    for note in found.notes:
        click.echo(f"note: {note}")


def _coloured(line: str) -> str:
    return click.style(line, fg=_COLOURS.get(line[:1]))


def _print_json(value: Any) -> None:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
