"""``ltrr rules``: pins, boosts and blocks of a running sidecar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.errors import InvalidRequest

_PIPED_WIDTH = 120


@click.command()
@click.option("--put", "put_id", metavar="ID", help="Add or replace the rule of this id by RULE.")
@click.option("--delete", "delete_id", metavar="ID", help="Take the rule of this id away.")
@click.argument("rule", required=False)
@click.option("--url", help="The sidecar's address; else LTRR_HOST and LTRR_PORT.")
@click.option("--json", "as_json", is_flag=True, help="Print the rules as JSON.")
def rules(
    put_id: str | None, delete_id: str | None, rule: str | None, url: str | None, as_json: bool
) -> None:
    """List the rules (pin, boost, block), or change one with the admin token.

    RULE is JSON, for example '{"action": "pin", "query": "summer", "ids": ["playlist:1"]}'.
    """
    if (put_id is None) != (rule is None) or (put_id and delete_id):
        raise InvalidRequest("give --put ID with a RULE, or --delete ID, or neither")
    settings = Settings.from_env()
    address = url or f"http://{settings.host}:{settings.port}"
    with Client(address, token=settings.admin_token or None) as client:
        if put_id is not None and rule is not None:
            client.put_rule(put_id, _parsed(rule))
        if delete_id is not None:
            client.delete_rule(delete_id)
        known = client.rules()
    if as_json:
        click.echo(orjson.dumps(known, option=orjson.OPT_INDENT_2).decode())
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)
    console.print(_table(known) if known else "There are no rules.")


def _parsed(rule: str) -> Mapping[str, Any]:
    try:
        given = orjson.loads(rule)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"RULE is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise InvalidRequest("RULE must be a JSON object")
    return given


def _table(known: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "from", "action", "for", "about", "note"):
        table.add_column(name, overflow="fold")
    for rule in known:
        amount = {"pin": f" at {rule.get('position')}", "boost": f" × {rule.get('factor')}"}
        about = ", ".join(rule.get("ids") or ()) or orjson.dumps(rule.get("filters")).decode()
        cells = (
            rule["id"],
            rule["source"],
            rule["action"] + amount.get(rule["action"], ""),
            rule.get("query") or "every query",
            about,
            rule.get("note") or "",
        )
        table.add_row(*map(Text, cells))
    return table
