"""``ltrr ingest``: load entities in bulk, repair and prune them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click
import orjson

from ingest.sources.opening import FORMATS, Format
from ltrr.loading import RepairSummary, Request, Summary, load, repair_all
from ltrr.settings import Enrichment, Settings
from plugin.errors import InvalidRequest


def _mapping(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """``("by=author:list(;)",)`` → ``{"by": "author:list(;)"}``."""
    fields = {}
    for value in values:
        field, equals, place = value.partition("=")
        if not (field and equals and place):
            raise click.BadParameter(f"{value!r} must look like by=author")
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
@click.option("--from-index", metavar="NAME", help="Load from this index of the cluster instead.")
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
    help="Fill an entity field from a column, by=author or 'by=author:list(;)' (kinds: text, list,"
    " number, weight, date, boolean, geo); of BEIR from a place, by=metadata.author; repeatable.",
)
@click.option(
    "--columns",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file that maps columns to fields."
    "  [default: columns.toml beside a CSV, or in the assets]",
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
    help="Where to write what could not be stored, one JSON line each."
    "  [default: ingest-errors.jsonl]",
)
@click.option(
    "--resume/--restart",
    default=True,
    show_default=True,
    help="Go on where the same load was interrupted, or begin again.",
)
@click.option("--repair", is_flag=True, help="Load nothing: enrich the entities that wait for it.")
@click.option(
    "--prune", is_flag=True, help="Afterwards delete entities that the source does not hold."
)
@click.option(
    "--deletions",
    type=click.IntRange(min=0),
    metavar="N",
    help="Agree to N deletions, where that is more than half of the index.",
)
@click.option(
    "--graph/--no-graph",
    default=True,
    show_default=True,
    help="Embed what occurs together afterwards, as `ltrr graph` does.",
)
@click.option(
    "--rebuild-sparse",
    is_flag=True,
    help="Weigh the catalogue's words anew; else only when it has grown by half.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def ingest(
    ctx: click.Context,
    path: Path | None,
    form: Format,
    from_index: str | None,
    index: str,
    enrich: Enrichment | None,
    fields: dict[str, str],
    columns: Path | None,
    kind: str,
    errors: Path | None,
    resume: bool,
    repair: bool,
    prune: bool,
    deletions: int | None,
    graph: bool,
    rebuild_sparse: bool,
    as_json: bool,
) -> None:
    """Load CSV, JSON lines, a BEIR folder, a catalogue or an index into OpenSearch.

    PATH is the folder or file; without it, the one that LTRR_DATA names.
    Loading the same again changes nothing, and a load that was killed goes on where it stopped.
    What cannot be stored is written to a file with its line and the reason, and the exit code is
    then 1.
    """
    settings = Settings.from_env()
    started = time.monotonic()
    if repair:
        if path or from_index or prune:
            raise InvalidRequest("--repair loads nothing: leave PATH, --from-index and --prune")
        repaired = repair_all(settings, index, errors)
        _finish(ctx, replace(repaired, seconds=round(time.monotonic() - started, 1)), as_json)
        return
    if from_index and path:
        raise InvalidRequest("name a PATH or --from-index, not both")
    request = Request(
        path=path or (None if from_index else settings.data),
        from_index=from_index,
        form=form,
        index=index,
        by_client=enrich != "pipeline",
        fields=fields,
        columns=columns,
        kind=kind,
        errors=errors,
        resume=resume,
        prune=prune,
        deletions=deletions,
        graph=graph,
        rebuild_sparse=rebuild_sparse,
    )
    summary = load(settings, request)
    _finish(ctx, replace(summary, seconds=round(time.monotonic() - started, 1)), as_json)


def _finish(ctx: click.Context, summary: Summary | RepairSummary, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(asdict(summary)))
    else:
        click.echo(_line(summary))
        _advise(summary)
    if summary.failed:
        ctx.exit(1)


def _line(summary: Summary | RepairSummary) -> str:
    if isinstance(summary, RepairSummary):
        found = f"{summary.found} waited, {summary.repaired} repaired, {summary.failed} failed"
        if summary.changed:
            found += f", {summary.changed} are being changed by somebody else"
        return f"{summary.index}: {found}, in {summary.seconds} s"
    found = f"{summary.read} read, {summary.stored} stored, {summary.failed} failed"
    if summary.resumed:
        found += f" ({summary.resumed} of them before it was interrupted)"
    if summary.deleted:
        found += f", {summary.deleted} deleted"
    return f"{summary.index}: {found}, in {summary.seconds} s"


def _advise(summary: Summary | RepairSummary) -> None:
    if summary.failed:
        click.echo(f"What failed, and why: {summary.errors}", err=True)
    if isinstance(summary, Summary) and summary.fallbacks:
        click.echo(
            f"{summary.fallbacks} entities got offline predictions only: LTRR_PREDICTOR failed.",
            err=True,
        )
    if isinstance(summary, Summary) and summary.pending:
        click.echo(
            f"{summary.pending} entities wait for their vector: is the model server running?"
            " `ltrr ingest --repair` enriches them without it.",
            err=True,
        )
    if isinstance(summary, Summary) and summary.failed and summary.deleted == 0:
        click.echo(
            "Nothing was deleted: with failures, what the source holds is not known for sure.",
            err=True,
        )
