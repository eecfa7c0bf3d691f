"""From rows to entities: ids, references between them, and entities that others make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ingest.catalogue.format import Column, Files, Format
from ingest.catalogue.lines import Row, decade
from ingest.catalogue.slugs import slug
from ingest.sources.base import BadLine, Document

MAKER = "by"
"""The field whose first value tells entities of one name apart."""

_DASH = " — "


@dataclass(slots=True)
class Entity:
    """An entity in the making. ``slug`` is its name's part of an id."""

    kind: str
    place: str
    head: Entity | None = None
    fields: dict[str, list[str]] = field(default_factory=dict)
    related: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    slug: str = ""
    id: str = ""

    @property
    def name(self) -> str:
        return next(iter(self.fields.get("name", ())), "")

    def fill(self, name: str, values: Iterable[str]) -> None:
        known = self.fields.setdefault(name, [])
        known.extend(value for value in dict.fromkeys(values) if value not in known)

    def relate(self, relation: str | None, other: Entity) -> None:
        if relation is not None and other.id:
            known = self.related.setdefault(relation, [])
            if other.id not in known:
                known.append(other.id)


class Assembly:
    """All entities of a catalogue. Rows come in first; then everything is related."""

    def __init__(self, layout: Format) -> None:
        self._layout = layout
        self._lists = layout.lists
        self._entities: list[Entity] = []
        self._rows: list[tuple[Row, Entity | None]] = []
        self._heads: dict[str, Entity] = {}
        self._by_id: dict[str, Entity] = {}
        self._by_name: dict[tuple[str, str], list[Entity]] = {}
        self._bad: list[BadLine] = []

    def add(self, row: Row) -> None:
        """Take in one row; the head of a row must have come before it."""
        head = self._heads.get(row.head.place) if row.head else None
        if row.kind is None:
            self._rows.append((row, head))
            return
        entity = Entity(row.kind, row.place, head, problems=list(row.problems))
        _fill_from_head(entity, row.files)
        columns = self._layout.kinds[row.kind].columns
        for title, column in columns.items():
            # Values that refer are filled in when it is known whom they name.
            if title in row.columns and column.refers is None:
                self._fill(entity, column, row.columns[title])
        # The makers are part of an id, and who refers to it may come first.
        for title, column in columns.items():
            if column.refers is not None and column.field is not None:
                names = [_split(value)[0] for value in row.columns.get(title, ())]
                entity.fill(column.field, names)
        self._heads[row.place] = entity
        self._rows.append((row, entity))
        self._register(entity)
        for title, column in columns.items():
            if column.makes is not None:
                for value in row.columns.get(title, ()):
                    self._make(column, value, entity, row)

    def finish(self) -> Iterator[Document | BadLine]:
        """Relate everything, then yield every entity or what is wrong with it."""
        for row, entity in self._rows:
            if row.kind is None:
                self._refer_line(row, entity)
            elif entity is not None:
                self._relate(row, entity)
        for entity in self._entities:
            if entity.problems:
                yield BadLine(entity.place, "; ".join(entity.problems), entity.id or None)
            else:
                yield Document(entity.id, self._body(entity), entity.place)
        yield from self._bad

    def _fill(self, entity: Entity, column: Column, values: list[str]) -> None:
        if column.field is not None:
            entity.fill(column.field, values)
        if column.decade is not None:
            entity.fill(column.decade, [decade(value) for value in values if value[:4].isdigit()])

    def _register(self, entity: Entity) -> bool:
        """Give the entity its id and make it known; False, with a problem, if that is taken."""
        self._entities.append(entity)
        if not entity.name:
            entity.problems.append("the name is missing")
            return False
        entity.slug = slug(entity.name) or ""
        aliases = entity.fields.get("aliases", [])
        if not entity.slug and aliases:
            entity.slug = slug(aliases[0]) or ""
        if not entity.slug:
            entity.problems.append(
                f"no id can be made of {entity.name!r}: give it a first alias in Latin letters"
            )
            return False
        parts = [self._id_part(entity, name) for name in self._layout.kinds[entity.kind].id]
        if None in parts:
            entity.problems.append("no id can be made of the fields of its id: is one empty?")
            return False
        entity.id = "-".join([entity.kind, *(part for part in parts if part)])
        first = self._by_id.setdefault(entity.id, entity)
        if first is not entity:
            entity.problems.append(
                f"the id {entity.id} is already that of {first.place}: rename one or drop it"
            )
            return False
        self._by_name.setdefault((entity.kind, entity.name), []).append(entity)
        return True

    def _id_part(self, entity: Entity, name: str) -> str | None:
        if name == "name":
            return entity.slug
        value = next(iter(entity.fields.get(name, ())), "")
        if entity.head is not None and value == entity.head.name:
            return entity.head.slug or None
        return slug(value)

    def _make(self, column: Column, name: str, maker: Entity, row: Row) -> None:
        """Make, or find and add to, the entity that a value of ``maker`` stands for."""
        if column.makes is None or row.kind is None:
            return
        kind = self._layout.kinds[column.makes]
        head = maker.head if kind.copies_head else None
        made = next(
            (one for one in self._by_name.get((column.makes, name), ()) if one.head is head),
            None,
        )
        if made is None:
            made = Entity(column.makes, maker.place, head, {"name": [name]})
            _fill_from_head(made, row.files)
            if not self._register(made):
                return
            if head is not None:
                made.relate(row.files.relation, head)
                head.relate(kind.head_inverse, made)
        maker.relate(column.relation, made)
        made.relate(column.inverse, maker)
        columns = self._layout.kinds[row.kind].columns
        for title in kind.copies:
            source = columns.get(title)
            if source is None or source.field is None or title not in row.columns:
                continue
            if source.field in self._lists or not made.fields.get(source.field):
                made.fill(source.field, row.columns[title])

    def _relate(self, row: Row, entity: Entity) -> None:
        if entity.head is not None:
            entity.relate(row.files.relation, entity.head)
            entity.head.relate(row.files.inverse, entity)
        for title, column in self._layout.kinds[entity.kind].columns.items():
            if column.refers is None:
                continue
            for value in row.columns.get(title, ()):
                named = self._named(column.refers, value)
                if len(named) == 1:
                    entity.relate(column.relation, named[0])
                    named[0].relate(column.inverse, entity)
                elif named or not column.loose:
                    entity.problems.append(f"{title}: {_unclear(column.refers, value, named)}")

    def _refer_line(self, row: Row, head: Entity | None) -> None:
        files: Files = row.files
        if head is None or files.line_refers is None:
            return
        named = self._named(files.line_refers, row.reference)
        if len(named) == 1:
            head.relate(files.relation, named[0])
            named[0].relate(files.inverse, head)
        else:
            reason = _unclear(files.line_refers, row.reference, named)
            self._bad.append(BadLine(row.place, reason))

    def _named(self, kind: str, reference: str) -> list[Entity]:
        """All entities of ``kind`` that ``Name`` or ``Name — Maker`` may mean."""
        named = self._by_name.get((kind, reference))
        if named:
            return named
        name, maker = _split(reference)
        return [
            one
            for one in self._by_name.get((kind, name), ())
            if one.fields.get(MAKER, [""])[0] == maker
        ]

    def _body(self, entity: Entity) -> dict[str, Any]:
        body: dict[str, Any] = {"type": entity.kind}
        for name, values in entity.fields.items():
            if not values:
                continue
            if name in self._lists:
                body[name] = values
            elif name == "text":
                body[name] = " ".join(values)
            else:
                body[name] = values[0]
        note = self._layout.kinds[entity.kind].note
        if note is not None:
            body["text"] = f"{body['text']} {note}" if body.get("text") else note
        popularity = self._popularity(entity)
        body["popularity"] = int(popularity) if popularity.is_integer() else popularity
        if entity.related:
            body["related"] = entity.related
        return body

    def _popularity(self, entity: Entity) -> float:
        """Its own; else the highest of the related entities that its kind names; else 1."""
        own = _own_popularity(entity)
        if own is not None:
            return own
        relation = self._layout.kinds[entity.kind].popularity_of
        related = entity.related.get(relation, []) if relation else []
        known = [_own_popularity(self._by_id[one]) for one in related]
        return max((value for value in known if value is not None), default=1.0)


def _fill_from_head(entity: Entity, files: Files) -> None:
    """What a line, or what a line made, takes from its head: the name, and the other names."""
    if entity.head is None:
        return
    if files.head_fills:
        entity.fill(files.head_fills, [entity.head.name])
    if files.head_aliases:
        entity.fill(files.head_aliases, entity.head.fields.get("aliases", ()))


def _own_popularity(entity: Entity) -> float | None:
    values = entity.fields.get("popularity")
    try:
        return float(values[0]) if values else None
    except ValueError:  # reported where the line was read
        return None


def _split(reference: str) -> tuple[str, str]:
    """Name and maker of a reference; the maker is "" where it names none."""
    name, dash, maker = reference.rpartition(_DASH)
    return (name, maker) if dash else (reference, "")


def _unclear(kind: str, reference: str, named: list[Entity]) -> str:
    if not named:
        return f"no {kind} is called {reference!r}: correct it, or add the {kind}"
    choices = sorted({_DASH.join([one.name, *one.fields.get(MAKER, [])[:1]]) for one in named})
    return f"{reference!r} is the name of several: write one of {'; '.join(choices)}"
