"""Indexes, and the schema that says which part their fields play."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugin.assets.check_analysis import analysis_of, check_analysis
from plugin.assets.files import Assets
from plugin.assets.mapping import field_types, type_of, walk_fields
from plugin.assets.problems import Problem, near, unknown_keys
from plugin.assets.schema import FILE as SCHEMA
from plugin.assets.schema import Schema
from plugin.assets.values import AssetValues, resolve
from plugin.assets.vocabulary import ANALYZERS, DOC_VALUES

ENTITIES = "entities"
NEEDED = ("entities", "memory", "users", "journal", "state")
"""The logical indexes that the code reads and writes."""

_PART_TYPES = {
    "type": {"keyword"},
    "vector": {"knn_vector"},
    "graph": {"knn_vector"},
    "memory": {"rank_features"},
    "sparse": {"rank_features"},
    "popularity": {"rank_feature"},
    "published": {"date", "date_nanos"},
    "joined": {"text"},
    "completion": {"text"},
}


def check_indexes(assets: Assets, values: AssetValues | None) -> Iterator[Problem]:
    """Everything that is wrong with the index files and with what schema.toml says of them."""
    for logical in NEEDED:
        if logical not in assets.indexes:
            yield Problem(f"indexes/{logical}.json", "", "the file is missing; the code needs it")
    for logical, index in assets.indexes.items():
        yield from _check_index(f"indexes/{logical}.json", index)
        yield from _check_dimensions(logical, index, assets.schema, values)
    if assets.schema is not None and ENTITIES in assets.indexes:
        mappings = assets.indexes[ENTITIES].get("mappings", {})
        yield from _check_schema(assets.schema, field_types(mappings))


def _check_index(file: str, index: Mapping[str, Any]) -> Iterator[Problem]:
    yield from unknown_keys(index, ("index", "aliases", "settings", "mappings"), file)
    for key in ("settings", "mappings"):
        if not isinstance(index.get(key), Mapping):
            yield Problem(file, key, "must be given, as an object")
            return
    own = [index.get("index"), *index.get("aliases", {})]
    for name in own:
        if not isinstance(name, str) or not name.startswith("${namespace}-"):
            message = f"the name {name!r} must begin with ${{namespace}}-, so that it is ours"
            yield Problem(file, "index", message)
    mappings = index["mappings"]
    analysis = analysis_of(index["settings"])
    yield from check_analysis(file, analysis)
    if "thai" not in analysis.get("analyzer", {}):
        message = (
            'add "thai": {"type": "standard"}: a cut-down Java has no Thai words, '
            "and without this line no index opens there"
        )
        yield Problem(file, "settings.index.analysis.analyzer", message)
    types = field_types(mappings)
    for path, body in walk_fields(mappings):
        yield from _check_field(file, path, body, analysis, types)


def _check_field(
    file: str,
    path: str,
    body: Mapping[str, Any],
    analysis: Mapping[str, Any],
    types: Mapping[str, str],
) -> Iterator[Problem]:
    place = f"mappings {path}"
    own = analysis.get("analyzer", {})
    for key in ("analyzer", "search_analyzer", "search_quote_analyzer"):
        name = body.get(key)
        if name is not None and name not in own and name not in ANALYZERS:
            yield Problem(file, place, f"there is no analyzer {name!r}; {near(name, own)}")
    normalizer, known = body.get("normalizer"), analysis.get("normalizer", {})
    if normalizer is not None and normalizer not in known and normalizer != "lowercase":
        message = f"there is no normalizer {normalizer!r}; {near(normalizer, known)}"
        yield Problem(file, place, message)
    copied = body.get("copy_to", [])
    for target in [copied] if isinstance(copied, str) else copied:
        if target not in types:
            yield Problem(file, place, f"copy_to: no field {target!r}; {near(target, types)}")


def _check_dimensions(
    logical: str, index: Mapping[str, Any], schema: Schema | None, values: AssetValues | None
) -> Iterator[Problem]:
    """Vectors are the encoder's, all but those of the graph: their length is the mapping's own."""
    mappings = index.get("mappings")
    if values is None or not isinstance(mappings, Mapping):
        return
    graph = schema.graph if schema is not None and logical == ENTITIES else None
    for path, body in walk_fields(mappings):
        if body.get("type") != "knn_vector" or path == graph:
            continue
        given = resolve(
            body.get("dimension"), lambda name: values.dimensions if name == "dimensions" else None
        )
        if given != values.dimensions:
            message = (
                f"has {given} dimensions, but the encoder's vectors have {values.dimensions}; "
                'write "dimension": "${dimensions}" or choose the encoder by LTRR_ENCODER'
            )
            yield Problem(f"indexes/{logical}.json", f"mappings {path}", message)


def _check_schema(schema: Schema, types: Mapping[str, str]) -> Iterator[Problem]:
    for part, field in schema.named():
        kind = type_of(field, types)
        if kind is None:
            message = f"indexes/{ENTITIES}.json has no field {field!r}; {near(field, types)}"
            yield Problem(SCHEMA, part, message)
        elif kind not in _PART_TYPES.get(part, {kind}):
            wanted = " or ".join(sorted(_PART_TYPES[part]))
            yield Problem(SCHEMA, part, f"{field!r} is of type {kind}, but must be {wanted}")
        elif part in ("facets", "ranking", "compared") and kind not in DOC_VALUES:
            message = f"{field!r} is of type {kind}, which has no doc values to read"
            yield Problem(SCHEMA, part, message)
