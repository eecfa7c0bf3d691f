"""Chooses the reader for a path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from ingest.sources.base import Source
from ingest.sources.beir import CORPUS, Beir
from ingest.sources.catalogue import CATALOGUE, Catalogue
from ingest.sources.jsonl import JsonLines
from plugin.assets.schema import Schema
from plugin.errors import IngestError

Format = Literal["auto", "beir", "jsonl", "catalogue"]
FORMATS: tuple[Format, ...] = get_args(Format)


def open_source(
    path: Path, form: Format, schema: Schema, fields: Mapping[str, str], kind: str
) -> Source:
    """The reader of ``path``; ``auto`` goes by what is there.

    ``fields`` maps entity fields to places in a BEIR line, ``kind`` is the type of entities that
    name none.

    Raises:
        IngestError: nothing is there, or nothing that a reader knows.
    """
    if not path.exists():
        raise IngestError(f"{path} is not there. Is the path right?")
    form = _recognised(path) if form == "auto" else form
    if fields and form != "beir":
        raise IngestError(f"--field belongs to the BEIR format, but {path} is read as {form}")
    if form == "catalogue":
        return Catalogue(path)
    defaults = {schema.type: kind}
    if form == "jsonl":
        return JsonLines(path, defaults)
    # The embedding text's last field is by convention the longest: the prose.
    usual = {schema.text[-1]: "text", schema.name: "title"}
    known = frozenset(field for part, field in schema.named() if part not in _COMPUTED)
    return Beir(path, schema.name, {**usual, **fields}, known, defaults)


_COMPUTED = {"vector", "memory", "predicted_queries"}


def _recognised(path: Path) -> Format:
    if path.is_file():
        return "jsonl"
    if (path / CATALOGUE).is_file():
        return "catalogue"
    if (path / CORPUS).is_file():
        return "beir"
    raise IngestError(
        f"{path} holds neither {CORPUS} (BEIR) nor {CATALOGUE} (a catalogue). "
        "For JSON lines, name the file itself."
    )
