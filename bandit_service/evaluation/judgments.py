"""Judged queries: what people said of which entities, read from a folder in BEIR layout, or from
TREC qrels such as `ltrr export judgments` writes.

``queries.jsonl`` holds ``_id``, ``text`` and perhaps ``metadata``; ``qrels/*.tsv`` hold query,
entity and grade. Grades above 0 are relevant; 0 and below were judged and are not. What was never
judged is unknown, and counts as not relevant, as usual.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from plugin.errors import InvalidRequest

QUERIES = "queries.jsonl"
QRELS = "qrels"


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with its judgments. ``grades``: entity id → grade; ``kind`` groups queries."""

    id: str
    text: str
    kind: str
    grades: Mapping[str, int]

    @property
    def relevant(self) -> frozenset[str]:
        """The entities with a grade above 0."""
        return frozenset(entity for entity, grade in self.grades.items() if grade > 0)


def load_judged(
    folder: Path, kind_field: str | None = None, qrels: str | None = None
) -> list[Judged]:
    """The queries of ``folder`` that have a relevant entity, in the file's order.

    ``kind_field`` is a dotted path in a line, ``metadata.kind``; without it all are of kind "all".
    ``qrels`` names one file of judgments (``train``: ``qrels/train.tsv``); None: all there are.

    Raises:
        InvalidRequest: a file is missing or a line cannot be read; it names both.
    """
    grades = _grades(folder / QRELS, qrels)
    judged = []
    path = folder / QUERIES
    for number, line in enumerate(_lines(path), 1):
        try:
            value = orjson.loads(line)
            id, text = str(value["_id"]), str(value["text"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise InvalidRequest(f"{path}, line {number}: not a query ({error})") from error
        query = Judged(id, text, _kind(value, kind_field), grades.get(id, {}))
        if query.relevant:
            judged.append(query)
    if not judged:
        raise InvalidRequest(f"{folder}: no query of {QUERIES} has a relevant entity in {QRELS}/")
    return judged


def load_trec(qrels: Path, queries: Path | None = None) -> list[Judged]:
    """The queries of TREC ``qrels`` (query, iteration, entity, grade) that have a relevant entity.

    ``queries``: lines ``query<tab>text``; without them the query's id is its text.

    Raises:
        InvalidRequest: a file is missing or a line cannot be read; it names both.
    """
    texts = dict(line.split("\t", 1) for line in _lines(queries) if "\t" in line) if queries else {}
    grades: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(qrels), 1):
        try:
            query, _, entity, grade = line.split()
            grades.setdefault(query, {})[entity] = round(float(grade))
        except ValueError as error:
            raise InvalidRequest(
                f"{qrels}, line {number}: must be query, 0, entity and grade ({error})"
            ) from error
    judged = [Judged(id, texts.get(id, id), "all", found) for id, found in grades.items()]
    return [query for query in judged if query.relevant]


def has_qrels(folder: Path, name: str) -> bool:
    """Whether ``folder`` holds the judgments called ``name``."""
    return (folder / QRELS / f"{name}.tsv").is_file()


def _grades(folder: Path, name: str | None) -> dict[str, dict[str, int]]:
    files: Sequence[Path] = sorted(folder.glob(f"{name or '*'}.tsv"))
    if not files:
        raise InvalidRequest(f"{folder} holds no {name or ''}.tsv file of judgments")
    grades: dict[str, dict[str, int]] = {}
    for path in files:
        rows = csv.reader(_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows, 1):
            try:
                query, entity, grade = row
                grades.setdefault(query, {})[entity] = round(float(grade))
            except ValueError as error:
                if number == 1:  # the header
                    continue
                raise InvalidRequest(
                    f"{path}, line {number}: must be query, entity and grade ({error})"
                ) from error
    return grades


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}") from error
    # Not splitlines(): a text may hold U+2028.
    return [line for line in text.split("\n") if line.strip()]


def _kind(value: Any, path: str | None) -> str:
    for part in path.split(".") if path else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return str(value) if path and value is not None else "all"
