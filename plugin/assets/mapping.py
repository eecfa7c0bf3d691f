"""Which fields an index has, by its mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plugin.assets.problems import Problem, read_json, refuse
from plugin.assets.vocabulary import METADATA, OPEN_TYPES


def field_types(mappings: Mapping[str, Any]) -> dict[str, str]:
    """Every field path of a mapping with its type, subfields (``name.keyword``) included."""
    return {path: str(body.get("type", "object")) for path, body in walk_fields(mappings)}


def load_field_types(folder: Path, logical: str) -> dict[str, str]:
    """The fields of an index of the assets, by its logical name.

    Raises:
        InvalidAssets: its file is missing or no JSON object.
    """
    problems: list[Problem] = []
    given = read_json(folder, f"indexes/{logical}.json", problems)
    refuse(problems)
    mappings = given.get("mappings") if isinstance(given, Mapping) else None
    return field_types(mappings) if isinstance(mappings, Mapping) else {}


def walk_fields(mappings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every (path, definition) of a mapping, outer ones first."""
    for inner in ("properties", "fields"):
        table = mappings.get(inner)
        if not isinstance(table, Mapping):
            continue
        for name, body in table.items():
            if isinstance(body, Mapping):
                yield f"{prefix}{name}", body
                yield from walk_fields(body, f"{prefix}{name}.")


def type_of(field: str, types: Mapping[str, str]) -> str | None:
    """The type of the field that ``field`` names, or None when there is none.

    A key inside a field of open keys (``q2e.<hash>``, ``related.artist``) has the type of that
    field.
    """
    if field in types:
        return types[field]
    if field in METADATA:
        return "metadata"
    parent = field
    while "." in parent:
        parent = parent.rpartition(".")[0]
        if types.get(parent) in OPEN_TYPES:
            return types[parent]
    return None
