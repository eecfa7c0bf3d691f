"""``ltrr explain``: how one page came to be, and what its strategies earned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ltrr.commands.search import (
    JSON_OPTION,
    PIPED_WIDTH,
    SESSION_OPTION,
    URL_OPTION,
    open_sidecar,
    print_json,
)


@click.command()
@click.argument("query_id")
@SESSION_OPTION
@URL_OPTION
@JSON_OPTION
def explain(query_id: str, session: str | None, url: str | None, as_json: bool) -> None:
    """Show one decision: value, propensity and credit of each strategy, and the features.

    For the session that searched (--session), or with LTRR_ADMIN_TOKEN. --json prints all that the
    sidecar knows: the decision, the page, and the feedback.
    """
    with open_sidecar(url) as client:
        told = client.explain(query_id, session=session)
    if as_json:
        print_json(told)
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    body = told["decision"]["body"]
    console.print(
        f"{body['query']!r}: arm {body['arm']} ({body['arm_probability']:.2f}), policy "
        f"{body['policy_version']}. Events: {_events(told) or 'none yet'}."
    )
    console.print(_choices(body, told["credit"]))
    console.print("Context: " + _features(body["context"]), style="dim", highlight=False)


def _events(told: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{one['body']['action']} {one['body']['object_id']}" for one in told["feedback"]
    )


def _choices(body: Mapping[str, Any], credit: Mapping[str, float]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("strategy", "value", "propensity", "ran", "candidates", "weight", "credit"):
        table.add_column(name, justify="left" if name == "strategy" else "right")
    table.add_column("features", overflow="fold", style="dim")
    for one in sorted(body["choices"], key=lambda one: (-one["weight"], -one["value"])):
        name = one["strategy"]
        table.add_row(
            name,
            f"{one['value']:.3f}",
            f"{one['propensity']:.2f}",
            "yes" if one["included"] else "no",
            str(one["candidates"]),
            f"{one['weight']:.1%}",
            f"{credit[name]:.3f}" if name in credit else "",
            _features(body["strategies"].get(name, {})),
        )
    return table


def _features(features: Mapping[str, float]) -> str:
    """Those that are not 0; the value is left out where it is 1."""
    told = {name: value for name, value in sorted(features.items()) if value != 0}
    return " ".join(name if value == 1 else f"{name} {value:.2g}" for name, value in told.items())
