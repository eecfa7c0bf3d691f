"""The filters of a request → OpenSearch filter clauses.

A request says ``{"language": "en", "published": {"gte": 1980}}`` in the entities' own field names;
which fields there are is read from the mapping of the entities index, so that a misspelt name is
an error that helps, not an empty page.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from plugin.errors import InvalidRequest
from plugin.geo import geo_clause
from plugin.model import Clause

MOST_VALUES = 1000
BOUNDS = ("gte", "lte", "gt", "lt")

_WHOLE = frozenset({"long", "integer", "short", "byte", "unsigned_long"})
_REAL = frozenset({"double", "float", "half_float", "scaled_float"})
_NUMBERS = _WHOLE | _REAL
_EXACT = frozenset({"keyword", "constant_keyword", "wildcard", "ip", "flat_object"})
_FILTERABLE = _NUMBERS | _EXACT | {"date", "boolean"}
_TIME = r"T\d{2}(:\d{2}(:\d{2}(\.\d{1,9})?)?)?(Z|[+-]\d{2}:?\d{2})?"
_DATE = re.compile(rf"\d{{4}}(-\d{{2}}(-\d{{2}}({_TIME})?)?)?$", re.ASCII)
_DATE_MATHS = re.compile(r"now(?:[+-]\d{1,6}[yMwdhHms])?(?:/[yMwdhHms])?$", re.ASCII)


def fields_of(index: Mapping[str, Any]) -> dict[str, str]:
    """Flatten an index asset (``{"mappings": {"properties": …}}``) to ``field path → type``."""
    flat: dict[str, str] = {}

    def walk(properties: Mapping[str, Any], prefix: str) -> None:
        for name, spec in properties.items():
            path = f"{prefix}{name}"
            inner = spec.get("properties")
            if inner is not None and spec.get("type", "object") == "object":
                walk(inner, f"{path}.")
                continue
            flat[path] = str(spec.get("type", "object"))
            for sub, sub_spec in spec.get("fields", {}).items():
                flat[f"{path}.{sub}"] = str(sub_spec.get("type", "keyword"))

    walk(index.get("mappings", {}).get("properties", {}), "")
    return flat


class Filters:
    """Turns the filters and wanted types of requests into clauses.

    ``fields`` maps every field path of the entities to its type, ``type_field`` names the one
    that holds an entity's type.
    """

    def __init__(self, fields: Mapping[str, str], type_field: str) -> None:
        self._fields = dict(fields)
        self._type_field = type_field

    @property
    def fields(self) -> Mapping[str, str]:
        """Every field path of the entities with its type."""
        return self._fields

    def clauses(
        self, filters: Mapping[str, Any] | None = None, types: Sequence[str] | None = None
    ) -> tuple[Clause, ...]:
        """The clauses that all have to hold; the same request gives the same clauses in order.

        Raises:
            InvalidRequest: an unknown field (naming near ones), or a value its type cannot have.
        """
        clauses: list[Clause] = []
        if types:
            clauses.append({"terms": {self._type_field: sorted(set(types))}})
        for field, wanted in (filters or {}).items():
            clauses.extend(self._clauses_of(field, wanted))
        return tuple(clauses)

    def _clauses_of(self, field: str, wanted: Any) -> list[Clause]:
        if field in ("id", "_id"):
            return [{"ids": {"values": [str(value) for value in _values(field, wanted)]}}]
        if isinstance(wanted, Mapping):
            return self._operators(field, wanted)
        path, kind = self._exact(field)
        values = [_value(field, kind, value) for value in _values(field, wanted)]
        if len(values) == 1:
            return [{"term": {path: values[0]}}]
        return [{"terms": {path: values}}]

    def _operators(self, field: str, wanted: Mapping[str, Any]) -> list[Clause]:
        unknown = [name for name in wanted if name not in (*BOUNDS, "exists", "geo")]
        if unknown or not wanted:
            named = f"{unknown[0]!r}" if unknown else "nothing"
            raise InvalidRequest(
                f"filters.{field}: {named} is no condition. Use a value, a list of values, "
                '{"gte", "lte", "gt", "lt"}, {"exists": true} or, for a geo_point, {"geo": …}.'
            )
        clauses: list[Clause] = []
        if "exists" in wanted:
            clauses.append(self._exists(field, wanted["exists"]))
        if "geo" in wanted:
            clauses.append(self._geo(field, wanted["geo"]))
        bounds = {name: wanted[name] for name in BOUNDS if name in wanted}
        if bounds:
            path, kind = self._exact(field)
            if kind in ("boolean", "flat_object"):
                raise InvalidRequest(f"filters.{field}: a {kind} field has no order to compare by.")
            clauses.append(
                {
                    "range": {
                        path: {name: _value(field, kind, bound) for name, bound in bounds.items()}
                    }
                }
            )
        return clauses

    def _exists(self, field: str, wanted: Any) -> Clause:
        if not isinstance(wanted, bool):
            raise InvalidRequest(f"filters.{field}.exists must be true or false.")
        self._kind(field)
        exists = {"exists": {"field": field}}
        return exists if wanted else {"bool": {"must_not": [exists]}}

    def _geo(self, field: str, wanted: Any) -> Clause:
        kind = self._kind(field)
        if kind != "geo_point":
            places = self._places()
            known = f"these are: {', '.join(places)}" if places else "no field is"
            raise InvalidRequest(
                f"filters.{field}: geo is for geo_point fields; this one is {kind}, {known}."
            )
        return geo_clause(field, wanted)

    def _kind(self, field: str) -> str:
        """The type of ``field``; a path below a flat_object is one as well."""
        if field in self._fields:
            return self._fields[field]
        parent = field.rpartition(".")[0]
        while parent:
            if self._fields.get(parent) == "flat_object":
                return "flat_object"
            parent = parent.rpartition(".")[0]
        choices = sorted({*self._filterable(), *self._places()})
        near = difflib.get_close_matches(field, choices, n=3, cutoff=0.5)
        known = ", ".join(near) if near else ", ".join(choices)
        hint = "Did you mean" if near else "There are"
        raise InvalidRequest(f"filters: there is no field {field!r}. {hint}: {known}?")

    def _exact(self, field: str) -> tuple[str, str]:
        """The path and type by which values of ``field`` can be compared."""
        kind = self._kind(field)
        if kind in _FILTERABLE:
            return field, kind
        keyword = f"{field}.keyword"
        if self._fields.get(keyword) == "keyword":
            return keyword, "keyword"
        if kind == "geo_point":
            raise InvalidRequest(
                f"filters.{field}: a geo_point field cannot be compared with a value. "
                'Say {"geo": {"lat": 52.5, "lon": 13.4, "within": "10km"}}.'
            )
        raise InvalidRequest(
            f"filters.{field}: a {kind} field cannot be compared with a value. "
            f"These can: {', '.join(self._filterable())}."
        )

    def _filterable(self) -> list[str]:
        return sorted(
            field
            for field, kind in self._fields.items()
            if not field.endswith(".keyword")
            and (kind in _FILTERABLE or self._fields.get(f"{field}.keyword") == "keyword")
        )

    def _places(self) -> list[str]:
        return sorted(field for field, kind in self._fields.items() if kind == "geo_point")


def _values(field: str, wanted: Any) -> list[Any]:
    values = list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, str) else None
    if values is None:
        return [wanted]
    if not values or len(values) > MOST_VALUES:
        raise InvalidRequest(
            f"filters.{field}: a list must hold 1 to {MOST_VALUES} values, not {len(values)}."
        )
    return values


def _value(field: str, kind: str, value: Any) -> str | int | float | bool:
    """``value`` if a field of type ``kind`` can hold it, else an InvalidRequest."""
    if isinstance(value, bool):
        if kind in ("boolean", "keyword"):
            return value
    elif isinstance(value, int | float):
        fits = math.isfinite(value) and abs(value) < 2**63
        if fits and kind in _NUMBERS:
            return value
        if fits and kind in ("keyword", "flat_object"):
            return str(value)
        # A bare number is a year to a person; OpenSearch would read it as milliseconds.
        if kind == "date" and isinstance(value, int) and 1000 <= value <= 9999:
            return str(value)
    elif isinstance(value, str) and (
        kind in _EXACT or (kind == "date" and _is_date(value.strip()))
    ):
        return value if kind in _EXACT else value.strip()
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    hint = " (1989, 1989-11-10 and now-1y are dates)" if kind == "date" else ""
    raise InvalidRequest(f"filters.{field}: {shown} does not fit its type, {kind}{hint}.")


def _is_date(text: str) -> bool:
    if _DATE_MATHS.match(text):
        return True
    if not _DATE.match(text):
        return False
    complete = text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text
    try:
        datetime.fromisoformat(complete)
    except ValueError:
        return False
    return True
