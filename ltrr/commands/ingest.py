"""``ltrr ingest``: load entities in bulk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ingest.bulk import Failure, Loader, Outcome, Target
from ingest.sources.opening import FORMATS, Format, open_source
from ltrr.settings import Enrichment, Settings
from ltrr.wiring import make_encoder, open_cluster
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.errors import IngestError, InvalidRequest

ERRORS = Path("ingest-errors.jsonl")


def _mapping(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """``("by=metadata.author",)`` → ``{"by": "metadata.author"}``."""
    fields = {}
    for value in values:
        field, equals, place = value.partition("=")
        if not (field and equals and place):
            raise click.BadParameter(f"{value!r} must look like by=metadata.author")
        fields[field] = place
    return fields


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="auto",
    show_default=True,
    help="What PATH holds; auto: told by its name and files.",
)
@click.option("--index", default="entities", show_default=True, help="Logical name of the index.")
@click.option(
    "--enrich",
    type=click.Choice(["auto", "client", "pipeline"]),
    help="Who computes vectors and predicted queries; auto: the client, which is faster in bulk."
    "  [default: client]",
)
@click.option(
    "--field",
    "fields",
    callback=_mapping,
    multiple=True,
    help="BEIR: fill an entity field from a place in a line, by=metadata.author; repeatable.",
)
@click.option(
    "--type",
    "kind",
    default="document",
    show_default=True,
    help="The type of entities that name none.",
)
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Where to write what could not be stored, one JSON line each.  [default: {ERRORS}]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def ingest(
    ctx: click.Context,
    path: Path | None,
    form: Format,
    index: str,
    enrich: Enrichment | None,
    fields: dict[str, str],
    kind: str,
    errors: Path | None,
    as_json: bool,
) -> None:
    """Load a BEIR folder, JSON lines or a catalogue into OpenSearch.

    PATH is the folder or file; without it, the one that LTRR_DATA names.
    Loading the same again changes nothing. What cannot be stored is written to a file with its
    line and the reason, and the exit code is then 1.
    """
    settings = Settings.from_env()
    schema = load_schema(settings.assets)
    path = path or settings.data
    if path is None:
        raise InvalidRequest("name what to load: `ltrr ingest PATH`, or set LTRR_DATA")
    source = open_source(path, form, schema, fields, kind)
    cluster = open_cluster(settings)
    by_client = enrich != "pipeline"
    target = Target(cluster.name(index), "_none" if by_client else _pipeline(cluster))
    encoder = make_encoder(settings) if by_client else None
    started = time.monotonic()
    with ExitStack() as stack:
        stack.callback(cluster.close)
        report = stack.enter_context(_ErrorFile(errors))
        bar = stack.enter_context(_progress())
        task = bar.add_task(f"loading {path.name}", stored=0, failed=0)

        def advance(done: Outcome) -> None:
            bar.update(task, completed=done.read, stored=done.stored, failed=done.failed)

        outcome = Loader(cluster, target, schema, encoder).load(source, report.write, advance)
        pending = 0 if by_client else _pending(cluster, target.alias)
    summary = {
        "index": target.alias,
        "read": outcome.read,
        "stored": outcome.stored,
        "failed": outcome.failed,
        "enrichment": "client" if by_client else "pipeline",
        "pending": pending,
        "errors": str(report.path) if outcome.failed else None,
        "seconds": round(time.monotonic() - started, 1),
    }
    _print(summary, as_json)
    if outcome.failed:
        ctx.exit(1)


def _pipeline(cluster: Cluster) -> str:
    name = cluster.name("enrich")
    if cluster.find(f"/_ingest/pipeline/{name}") is None:
        raise InvalidRequest(
            f"OpenSearch has no ingest pipeline {name}, so it cannot enrich. "
            "`ltrr apply` makes it where ML Commons is there; or use --enrich client."
        )
    return name


def _pending(cluster: Cluster, alias: str) -> int:
    """How many entities of the index still wait for their vector."""
    query = {"query": {"term": {"enrichment": "pending"}}}
    return int(cluster.request("POST", f"/{alias}/_count", query)["count"])


class _ErrorFile:
    """Failures as JSON lines; a file that was not asked for is made by the first failure only."""

    def __init__(self, asked: Path | None) -> None:
        self.path = asked or ERRORS
        self._asked = asked is not None
        self._stream: Any = None

    def __enter__(self) -> _ErrorFile:
        if self._asked:
            self._open()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, failure: Failure) -> None:
        if self._stream is None:
            self._open()
        line = {"line": failure.line, "id": failure.id, "reason": failure.reason}
        self._stream.write(orjson.dumps(line) + b"\n")

    def _open(self) -> None:
        try:
            self._stream = self.path.open("wb")
        except OSError as error:
            raise IngestError(
                f"cannot write {self.path}: {error.strerror}. Name another file with --errors."
            ) from error


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}: {task.completed} read, {task.fields[stored]} stored,"),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _print(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(summary))
        return
    click.echo(
        f"{summary['index']}: {summary['read']} read, {summary['stored']} stored,"
        f" {summary['failed']} failed, in {summary['seconds']} s"
    )
    if summary["failed"]:
        click.echo(f"What failed, and why: {summary['errors']}", err=True)
    if summary["pending"]:
        click.echo(
            f"{summary['pending']} entities wait for their vector: is the model server running?"
            " Load them again with --enrich client.",
            err=True,
        )
