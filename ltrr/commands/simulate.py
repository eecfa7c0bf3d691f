"""``ltrr simulate``: people who do not exist, searching and choosing through the real HTTP path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.console import Console
from rich.progress import Progress

from bandit_service.evaluation.simulated_users import Summary
from bandit_service.evaluation.simulated_users import simulate as let_people_in
from ltrr.client import Client
from ltrr.settings import Settings
from plugin.assets.schema import Schema, load_schema
from plugin.cluster import Cluster

MOST_ENTITIES: Final = 5_000
"""As many are enough to want; more would only take longer to read."""


@click.command("simulate")
@click.option(
    "--sessions",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="How many sessions, one after another.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same people.")
@click.option("--url", help="The sidecar's address; else LTRR_HOST and LTRR_PORT.")
@click.option(
    "--recorded",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Judged queries in BEIR layout: ask them over recorded answers, without a sidecar.",
)
@click.option(
    "--clicks",
    type=click.Choice(["position", "cascade"]),
    default="position",
    show_default=True,
    help="How people choose, with --recorded.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def simulate(
    sessions: int, seed: int, url: str | None, recorded: Path | None, clicks: str, as_json: bool
) -> None:
    """Let simulated people search and choose, so that there is something to learn from.

    They want entities of the index, by name, misspelt, by maker or by wish, look at high positions
    more, and err now and then. What they do is journalled as anybody's doing: use a namespace of
    its own (LTRR_NAMESPACE) where real people are served.

    With --recorded nothing is journalled: about a hundred sessions a second ask
    the judged queries of a dataset, and the code that serves and learns answers
    from recordings.
    """
    from ltrr.wiring import open_cluster

    settings = Settings.from_env()
    if recorded is not None:
        _over_recordings(settings, recorded, sessions, seed, clicks, as_json=as_json)
        return
    schema = load_schema(settings.assets)
    cluster = open_cluster(settings)
    try:
        entities = read_entities(cluster, schema)
    finally:
        cluster.close()
    with Client(url or f"http://{settings.host}:{settings.port}") as client:
        summary = simulate_with_progress(client, entities, schema, sessions, seed, quiet=as_json)
    if as_json:
        click.echo(orjson.dumps(summary.as_dict(), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(describe(summary))


def read_entities(cluster: Cluster, schema: Schema) -> list[dict[str, Any]]:
    """Entities of the index with what intents are made of, and their ids; at most 5,000."""
    fields = {schema.type, schema.name, schema.popularity, *schema.text, *schema.facets} - {None}
    found = cluster.request(
        "POST",
        f"/{cluster.name('entities')}/_search",
        {"size": MOST_ENTITIES, "sort": ["_doc"], "_source": sorted(f for f in fields if f)},
        params={"filter_path": "hits.hits._id,hits.hits._source"},
    )
    hits: list[Mapping[str, Any]] = found.get("hits", {}).get("hits", [])
    return [{**hit.get("_source", {}), "id": hit["_id"]} for hit in hits]


def simulate_with_progress(
    client: Client,
    entities: list[dict[str, Any]],
    schema: Schema,
    sessions: int,
    seed: int,
    *,
    deadline_s: float | None = None,
    quiet: bool = False,
) -> Summary:
    """Simulate with a bar on standard error, where there is a terminal."""
    console = Console(stderr=True)
    bar = Progress(console=console, transient=True) if console.is_terminal and not quiet else None
    with bar if bar is not None else nullcontext():
        step: Callable[[], None] = _nothing
        if bar is not None:
            task = bar.add_task("simulated people", total=sessions)

            def advance() -> None:
                bar.advance(task)

            step = advance
        return let_people_in(
            client, entities, schema, sessions, seed, deadline_s=deadline_s, progress=step
        )


def _over_recordings(
    settings: Settings, data: Path, sessions: int, seed: int, clicks: str, *, as_json: bool
) -> None:
    from ltrr.evaluating.simulating import simulate_recorded

    summary = simulate_recorded(settings, data, sessions, seed, clicks)
    if as_json:
        click.echo(orjson.dumps(summary.as_dict(), option=orjson.OPT_INDENT_2).decode())
        return
    click.echo(
        f"Simulated, not measured on people: {summary.sessions} sessions with {summary.queries} "
        f"queries, {summary.sessions_per_s:.0f} a second; {summary.choices} chose something. "
        f"nDCG@10 of what was served: {summary.ndcg_first_third:.3f} in the first third of the "
        f"sessions, {summary.ndcg_last_third:.3f} in the last."
    )


def describe(summary: Summary) -> str:
    """The summary for a person."""
    actions = ", ".join(f"{count} {name}" for name, count in sorted(summary.actions.items()))
    return (
        f"Simulated, not measured on people: {summary.sessions} sessions with {summary.intents} "
        f"intents in {summary.seconds:.0f} s; {summary.found} found what they wanted on the first "
        f"page. They did: {actions or 'nothing'}. Mean reciprocal rank of what they wanted: "
        f"{summary.mrr_first_third:.3f} in the first third of the sessions, "
        f"{summary.mrr_last_third:.3f} in the last."
    )


def _nothing() -> None:
    pass
