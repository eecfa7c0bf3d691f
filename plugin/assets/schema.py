"""Which field of an entity plays which part, read from ``schema.toml``.

No code names a field of an entity: it asks the schema. Only the asset files name fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

from plugin.assets.problems import Problem, read_toml, refuse, unknown_keys

FILE = "schema.toml"


@dataclass(frozen=True, slots=True)
class Schema:
    """The parts and the fields that play them.

    Parts of one field: ``type`` (keyword: song, product, …), ``name``, ``vector``, ``memory``
    (rank_features: keys of predicted queries with weights), ``predicted_queries`` (their words);
    None where the entities have none: ``sparse`` (rank_features: tokens with weights),
    ``aliases``, ``by`` (who made it: a text with a keyword subfield, or a keyword), ``language``
    (keyword: a code), ``popularity`` (rank_feature), ``published`` (date), ``related`` (relation →
    ids), ``graph`` (knn_vector: where it stands among what occurs together), ``joined`` (every word
    that is searched for, in one field). Parts of several: ``text`` (what the encoder reads, in this
    order), ``facets``, ``display`` (what a hit carries), ``ranking`` (doc values), ``compared``
    (doc values whose words a ranker holds against the query's), ``completion`` (fields of the
    beginnings of names' words).
    """

    type: str
    name: str
    text: tuple[str, ...]
    vector: str
    memory: str
    predicted_queries: str
    sparse: str | None = None
    aliases: str | None = None
    by: str | None = None
    language: str | None = None
    popularity: str | None = None
    published: str | None = None
    related: str | None = None
    graph: str | None = None
    joined: str | None = None
    facets: tuple[str, ...] = ()
    display: tuple[str, ...] = ()
    ranking: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    completion: tuple[str, ...] = ()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Every (part, field), a part of several fields once for each."""
        pairs: list[tuple[str, str]] = []
        for part in fields(self):
            value = getattr(self, part.name)
            several = value if isinstance(value, tuple) else (value,)
            pairs.extend((part.name, field) for field in several if field is not None)
        return tuple(pairs)

    def embedding_text(self, document: Mapping[str, Any]) -> str:
        """What the encoder reads of a document: the ``text`` fields' values, joined by ", ".

        The ingest pipeline does the same (``ingest_pipelines/enrich-begin.painless``), so that a
        bulk load and a single write of one document get the same vector.
        """
        parts: list[str] = []
        for field in self.text:
            value = document.get(field)
            for part in value if isinstance(value, list | tuple) else (value,):
                words = "" if part is None else str(part).strip()
                if words:
                    parts.append(words)
        return ", ".join(parts)


_SEVERAL = ("text", "facets", "display", "ranking", "compared", "completion")


def load_schema(folder: Path) -> Schema:
    """Read ``folder/schema.toml``.

    Raises:
        InvalidAssets: naming every part that is missing, unknown or of the wrong kind.
    """
    problems: list[Problem] = []
    schema = read_schema(folder, problems)
    refuse(problems)
    if schema is None:  # pragma: no cover - read_schema gives a reason whenever it gives None
        raise AssertionError
    return schema


def read_schema(folder: Path, problems: list[Problem]) -> Schema | None:
    """Like :func:`load_schema`, but adds to ``problems`` instead of raising."""
    given = read_toml(folder, FILE, problems)
    if given is None:
        return None
    found = unknown_keys(given, [part.name for part in fields(Schema)], FILE)
    values: dict[str, Any] = {}
    for part in fields(Schema):
        value = given.get(part.name)
        if value is None:
            if part.default is MISSING:
                found.append(Problem(FILE, part.name, "this part must name a field"))
        elif part.name in _SEVERAL:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                found.append(Problem(FILE, part.name, "must be a list of field names"))
            elif part.name == "text" and not value:
                found.append(Problem(FILE, part.name, "must name at least one field"))
            else:
                values[part.name] = tuple(value)
        elif not isinstance(value, str) or not value:
            found.append(Problem(FILE, part.name, "must be the name of one field"))
        else:
            values[part.name] = value
    problems.extend(found)
    return None if found else Schema(**values)
