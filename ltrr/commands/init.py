"""``ltrr init``: an assets folder for one's own data, by looking at it."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ingest.sources.columns import Columns
from ingest.sources.index import mappings_of
from ingest.sources.table import look, rows
from ltrr.init.guessing import NoName, guess
from ltrr.init.profiles import profiles
from ltrr.init.writing import check_place, next_commands, write_assets
from ltrr.settings import Settings
from ltrr.wiring import asset_values, open_cluster, packaged_assets
from plugin.assets.mapping import field_types, load_field_types
from plugin.assets.validate import validate
from plugin.errors import IngestError, InvalidRequest
from plugin.scanning import scan

SAMPLE = 2_000
"""So many rows or documents are looked at: enough to see what a column holds."""


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--from-csv",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Look at this CSV or TSV file.",
)
@click.option("--from-index", "index", metavar="NAME", help="Look at this index of the cluster.")
@click.option("--type", "kind", help="What an entity is; else told by the name of the data.")
def init(folder: Path, table: Path | None, index: str | None, kind: str | None) -> None:
    """Write an assets folder for one's own CSV or index.

    Looks at the data, guesses which column plays which part, and writes DIR: indexes, strategies,
    and columns.toml with every guess and its reason. Reads only; DIR must be new or empty.
    """
    if (table is None) == (index is None):
        raise InvalidRequest("say what to look at: --from-csv FILE or --from-index NAME")
    settings = Settings.from_env()
    check_place(folder)
    default = packaged_assets(settings)
    if table is not None:
        layout = look(table, Columns({}))
        records = _records(table, layout)
        types: Mapping[str, str] = {name: "" for name in layout.header if name}
        about, stem = table.name, table.name.partition(".")[0]
        load = ["ltrr", "ingest", shlex.quote(str(table))]
    else:
        stem = about = str(index)
        types, records = _documents(settings, stem)
        load = ["ltrr", "ingest", "--from-index", shlex.quote(stem)]
    if not records:
        raise IngestError(f"{about} holds nothing to look at")
    try:
        found = guess(profiles(records, types), load_field_types(default, "entities"))
    except NoName as error:
        raise IngestError(f"{about}: {error}") from error
    kind = kind or singular(stem)
    values = asset_values(replace(settings, assets=default))
    noticed = f"{len(records)} {'rows' if table else 'documents'} of {about}"
    write_assets(folder, default, found, kind, noticed, lambda made: validate(made, values))
    for use in found.uses:
        click.echo(f"  {' and '.join(use.columns):<24} → {use.field:<16} {use.why}")
    click.echo(f"\n{folder} is written, and `ltrr validate` finds nothing wrong with it. Next:\n")
    for command in next_commands(folder, namespace_of(folder), load):
        click.echo(f"  {command}")
    name = next(use.columns[0] for use in found.uses if use.field == "name")
    example = str(records[0].get(name) or "")[:60]
    click.echo(f"  ltrr search {shlex.quote(example)}")


def _records(table: Path, layout: Any) -> list[dict[str, Any]]:
    good = (row for _, row in rows(table, layout) if isinstance(row, dict))
    return list(itertools.islice(good, SAMPLE))


def _documents(settings: Settings, name: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    cluster = open_cluster(settings)
    try:
        types = field_types(mappings_of(cluster, name))
        hits = itertools.islice(scan(cluster, name), SAMPLE)
        return types, [dict(hit.get("_source") or {}) for hit in hits]
    finally:
        cluster.close()


def singular(stem: str) -> str:
    """What one of them is called: ``library_books`` → ``book``."""
    word = re.split(r"[^a-z]+", stem.lower())
    last = next((part for part in reversed(word) if len(part) > 2), "document")
    if last.endswith("ies") and len(last) > 4:
        return last[:-3] + "y"
    for ending in ("sses", "xes", "ches", "shes"):
        if last.endswith(ending):
            return last[:-2]
    return last[:-1] if last.endswith("s") and not last.endswith("ss") else last


def namespace_of(folder: Path) -> str:
    """A namespace named after the folder."""
    plain = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")
    return plain[:40] or "own"
