"""``ltrr search | feedback | strategies``: a person's view of a running sidecar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.errors import InvalidRequest

PIPED_WIDTH = 120
"""Columns of a table that goes to a file or another program."""

URL_OPTION = click.option("--url", help="The sidecar's address; else LTRR_HOST and LTRR_PORT.")
JSON_OPTION = click.option(
    "--json", "as_json", is_flag=True, help="Print the sidecar's answer as JSON."
)
SESSION_OPTION = click.option("--session", help="Act as this session.")


def open_sidecar(url: str | None) -> Client:
    settings = Settings.from_env()
    return Client(
        url or f"http://{settings.host}:{settings.port}", token=settings.admin_token or None
    )


def print_json(answer: Any) -> None:
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


@click.command()
@click.argument("query")
@click.option("--size", default=10, show_default=True, help="How many hits.")
@click.option("--from", "start", default=0, show_default=True, help="How many hits to pass over.")
@click.option("--query-id", help="Go on with the page list of this query (with --from).")
@click.option("--type", "types", multiple=True, help="Only entities of this type (repeatable).")
@click.option("--filters", help='Filters as JSON, for example {"language": "es"}.')
@click.option("--grouped", is_flag=True, help="Show the hits kind by kind.")
@click.option(
    "--diversity", type=click.FloatRange(0, 1), help="Against the page's own setting; 0 is off."
)
@click.option("--no-collapse", is_flag=True, help="Show near-duplicates one by one.")
@click.option("--facet", "facets", multiple=True, help="Count values of this field (repeatable).")
@click.option("--user", help="Act as this user.")
@SESSION_OPTION
@click.option("--no-learn", is_flag=True, help="Do not learn from this query.")
@click.option("--ids", is_flag=True, help="Show the hits' ids, which feedback needs.")
@URL_OPTION
@JSON_OPTION
def search(
    query: str,
    size: int,
    start: int,
    query_id: str | None,
    types: tuple[str, ...],
    filters: str | None,
    grouped: bool,
    diversity: float | None,
    no_collapse: bool,
    facets: tuple[str, ...],
    user: str | None,
    session: str | None,
    no_learn: bool,
    ids: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Search, and show which strategies brought each hit."""
    with open_sidecar(url) as client:
        answer = client.search(
            query,
            size=size,
            from_=start or None,
            query_id=query_id,
            types=list(types) or None,
            filters=_parsed(filters),
            layout="grouped" if grouped else None,
            diversity=diversity,
            collapse=False if no_collapse else None,
            facets=list(facets) or None,
            user=user,
            session=session,
            learn=False if no_learn else None,
        )
    if as_json:
        print_json(answer)
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_WIDTH)
    if corrected := answer["understanding"]["corrected"]:
        console.print(Text(f"Did you mean: {corrected}"))
    console.print(_hits_table(answer, start, ids=ids))
    for field, counts in answer.get("facets", {}).items():
        told = ", ".join(f"{one['value']} {one['count']}" for one in counts)
        console.print(Text(f"{field}: {told or 'nothing'}"))
    chosen = [choice for choice in answer["decision"] if choice["included"]]
    asked = ", ".join(f"{choice['strategy']} {choice['weight']:.0%}" for choice in chosen)
    total = answer["total"]
    # Later pages only go on with the first one's list: nobody is asked again.
    told = f" Asked: {asked}." if asked else ""
    console.print(f"{total} in all, {answer['took_ms']:.0f} ms.{told}")
    if answer["degraded"]:
        console.print(Text(f"Dropped out: {', '.join(map(str, answer['degraded']))}", "yellow"))
    console.print(f"query_id {answer['query_id']}", soft_wrap=True, highlight=False)


def _parsed(filters: str | None) -> Any:
    if filters is None:
        return None
    try:
        return orjson.loads(filters)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"--filters is not JSON: {error}") from error


def _hits_table(answer: Mapping[str, Any], start: int, *, ids: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "type", "name", "by", "brought by (strategy rank)", *(["id"] if ids else [])):
        table.add_column(name, overflow="fold")
    for offset, hit in enumerate(answer["hits"]):
        source = hit.get("source") or {}
        brought = ", ".join(f"{p['strategy']} {p['rank']}" for p in hit["provenance"])
        alike = len(hit.get("collapsed") or ())
        cells = [
            Text(str(hit["type"])),
            Text(_words(source.get("name")) + (f" (+{alike} alike)" if alike else "")),
            Text(_words(source.get("by"))),
            Text(brought),
            *([Text(hit["id"], style="dim")] if ids else []),
        ]
        table.add_row(str(hit.get("position", start + offset + 1)), *cells)
    return table


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


@click.command()
@click.argument("query_id")
@click.argument("object_id")
@click.argument("action")
@click.option("--position", type=int, help="Where the entity was shown; 1 is the top.")
@click.option("--dwell-ms", type=int, help="How long it was played or read, in milliseconds.")
@click.option("--event-id", help="The same id is the same event, however often it is sent.")
@URL_OPTION
def feedback(
    query_id: str,
    object_id: str,
    action: str,
    position: int | None,
    dwell_ms: int | None,
    event_id: str | None,
    url: str | None,
) -> None:
    """Tell what was done with a hit: click, play, like, favourite, skip, dislike, impression."""
    event: dict[str, Any] = {"query_id": query_id, "object_id": object_id, "action": action}
    optional = {"position": position, "dwell_ms": dwell_ms, "event_id": event_id}
    event.update({name: value for name, value in optional.items() if value is not None})
    with open_sidecar(url) as client:
        print_json(client.feedback(event))


@click.command()
@URL_OPTION
@JSON_OPTION
def strategies(url: str | None, as_json: bool) -> None:
    """List the strategies: family, readiness, cost, and share of the blend."""
    with open_sidecar(url) as client:
        rows = client.strategies()
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    columns: dict[str, Callable[[Any], str]] = {
        "name": str,
        "family": str,
        "ready": lambda ready: "yes" if ready else "no",
        "cost_ms": lambda cost: "" if cost is None else f"{cost:.1f}",
        "share": lambda share: "" if share is None else f"{share:.1%}",
        "description": str,
    }
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(show(row.get(name))) for name, show in columns.items()))
    Console().print(table)
