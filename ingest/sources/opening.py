"""Chooses the reader for a path, and the mapping of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from ingest.sources.base import Source
from ingest.sources.beir import CORPUS, Beir
from ingest.sources.catalogue import CATALOGUE, Catalogue
from ingest.sources.columns import FILE, Columns, by_name, from_options, load_columns
from ingest.sources.files import kind_of
from ingest.sources.jsonl import JsonLines
from ingest.sources.table import ENDINGS, Table, check_columns, look
from plugin.assets.schema import Schema
from plugin.errors import IngestError

Format = Literal["auto", "beir", "jsonl", "catalogue", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)

_COMPUTED = {"vector", "memory", "predicted_queries", "sparse"}


def open_source(
    path: Path,
    form: Format,
    schema: Schema,
    fields: Mapping[str, str],
    kind: str,
    *,
    types: Mapping[str, str] | None = None,
    columns: Path | None = None,
    usual_columns: Path | None = None,
) -> Source:
    """The reader of ``path``; ``auto`` goes by what is there.

    ``fields`` maps entity fields to places in a BEIR line, or to columns; ``kind`` is the type of
    entities that name none. ``types`` are the fields of the entities' index with their types, and
    ``columns`` a mapping file; where none is named, CSV takes the one beside ``path``, or else
    ``usual_columns`` if there is such a file.

    Raises:
        IngestError: nothing is there, or nothing that a reader knows, or the mapping is wrong.
    """
    if not path.exists():
        raise IngestError(f"{path} is not there. Is the path right?")
    form = _recognised(path) if form == "auto" else form
    if (fields or columns) and form == "catalogue":
        raise IngestError(
            "a catalogue says itself what its lines mean: leave --field and --columns"
        )
    if columns and form == "beir":
        raise IngestError("--columns belongs to CSV and JSON lines; for BEIR say --field")
    if form == "catalogue":
        return Catalogue(path)
    defaults = {schema.type: kind}
    types = types or dict.fromkeys((field for _, field in schema.named()), "")
    if form == "csv":
        return _table(
            path,
            schema,
            fields,
            defaults,
            types,
            columns or _first(path.parent / FILE, usual_columns),
        )
    if form == "jsonl":
        chosen = load_columns(columns, types) if columns else None
        if fields:
            chosen = from_options(chosen or Columns({}), fields, types)
        return JsonLines(path, defaults, chosen)
    # The embedding text's last field is by convention the longest: the prose.
    usual = {schema.text[-1]: "text", schema.name: "title"}
    return Beir(path, schema.name, {**usual, **fields}, _known(schema), defaults)


def _table(
    path: Path,
    schema: Schema,
    fields: Mapping[str, str],
    defaults: dict[str, str],
    types: Mapping[str, str],
    columns: Path | None,
) -> Table:
    given = load_columns(columns, types) if columns else None
    layout = look(path, given or Columns({}))
    if given is None:
        computed = {field for part, field in schema.named() if part in _COMPUTED}
        given = by_name(layout.header, types, frozenset(computed))
    chosen = from_options(given, fields, types)
    check_columns(path, layout, chosen, schema.name)
    return Table(path, layout, chosen, dict(defaults))


def _first(*paths: Path | None) -> Path | None:
    return next((path for path in paths if path is not None and path.is_file()), None)


def _known(schema: Schema) -> frozenset[str]:
    return frozenset(field for part, field in schema.named() if part not in _COMPUTED)


def _recognised(path: Path) -> Format:
    if path.is_file():
        return "csv" if kind_of(path) in ENDINGS else "jsonl"
    if (path / CATALOGUE).is_file():
        return "catalogue"
    if (path / CORPUS).is_file():
        return "beir"
    raise IngestError(
        f"{path} holds neither {CORPUS} (BEIR) nor {CATALOGUE} (a catalogue). "
        "For CSV or JSON lines, name the file itself."
    )
