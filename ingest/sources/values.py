"""What a cell of a table, or a value of somebody's document, is as a value of an entity's field."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class Unreadable(ValueError):
    """A value is not of its kind; the text says what it should look like."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How to read a value. ``name`` is one of :data:`KINDS`; ``argument`` stands in brackets.

    ``list(;)`` is split at the sign (at none: at ``;``); ``number(,)`` has a decimal comma;
    ``date(%d.%m.%Y)`` has that form, ``date(s)`` and ``date(ms)`` count since 1970;
    ``weight`` is a number above 0, and 0 counts as missing; ``geo`` is ``latitude,longitude``.
    """

    name: str = "text"
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}({self.argument})" if self.argument else self.name


def parse_kind(text: str) -> Kind | None:
    """``"list(;)"`` → ``Kind("list", ";")``; None when there is no such kind."""
    found = _KIND.fullmatch(text)
    return Kind(found[1], found[2] or "") if found and found[1] in KINDS else None


def kind_for(field_type: str | None) -> Kind:
    """The kind that a field of this type of OpenSearch's wants when nobody says another."""
    return Kind(_BY_TYPE.get(field_type or "", "text"))


def read_value(kind: Kind, value: Any) -> Any | None:
    """The value, or None where it is missing (empty, nothing but spaces).

    Raises:
        Unreadable: it is not of that kind.
    """
    if isinstance(value, str):
        value = value.strip()
    if value is None or value in ("", []):
        return None
    if isinstance(value, list) and kind.name != "geo":
        parts = [part for one in value if (part := read_value(kind, one)) is not None]
        flat = [item for part in parts for item in (part if isinstance(part, list) else [part])]
        return list(dict.fromkeys(flat)) or None
    return KINDS[kind.name](value, kind.argument)


def _text(value: Any, _: str) -> Any:
    if isinstance(value, Mapping):
        raise Unreadable("a text is needed, not an object")
    return value if isinstance(value, str | bool) else str(value)


def _list(value: Any, separator: str) -> Any:
    parts = (part.strip() for part in str(_text(value, "")).split(separator or ";"))
    return list(dict.fromkeys(part for part in parts if part)) or None


def _number(value: Any, decimal: str) -> Any:
    if isinstance(value, bool | Mapping):
        raise Unreadable(f"{value!r} is not a number")
    if isinstance(value, int | float):
        number: int | float = value
    else:
        plain = re.sub(r"[\s\u00a0_']", "", value)
        if decimal == ",":
            plain = plain.replace(".", "").replace(",", ".")
        elif _THOUSANDS.fullmatch(plain):
            plain = plain.replace(",", "")
        if not _NUMBER.fullmatch(plain):
            hint = " (for a decimal comma say number(,))" if "," in value else ""
            raise Unreadable(f"{value!r} is not a number{hint}")
        number = int(plain) if plain.lstrip("+-").isdigit() else float(plain)
    if not math.isfinite(number):
        raise Unreadable(f"{value!r} is not a finite number")
    return number


def _weight(value: Any, decimal: str) -> Any:
    number = _number(value, decimal)
    if number < 0:
        raise Unreadable(f"{value!r} must not be below 0")
    return number or None


def _boolean(value: Any, _: str) -> Any:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unreadable(f"{value!r} is neither true nor false")


def _date(value: Any, form: str) -> Any:
    """An ISO date as exact as the given one: a year stays a year."""
    if form in ("s", "ms"):
        seconds = _number(value, "") / (1000 if form == "ms" else 1)
        try:
            return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
        except (OverflowError, ValueError, OSError):
            raise Unreadable(f"{value!r} is not a time since 1970") from None
    text = str(value)
    try:
        if form:
            moment = datetime.strptime(text, form)
            return moment.isoformat() if "%H" in form else moment.date().isoformat()
        if found := _PARTS.fullmatch(text):
            return _checked(found["year"], found["month"], found["day"])
        if found := _POINTS.fullmatch(text):
            return _checked(found["year"], found["month"], found["day"])
        if _MOMENT.fullmatch(text):
            datetime.fromisoformat(text)
            return text.replace(" ", "T", 1)
    except ValueError:
        pass
    advice = "say date(%d/%m/%Y), or what its form is" if not form else f"its form is {form}"
    raise Unreadable(f"{value!r} is not a date ({advice})")


def _checked(year: str, month: str | None, day: str | None) -> str:
    number = int(year)
    # A leap year of the same kind stands in for years that Python's calendar does not have.
    datetime(number if 1 <= number <= 9999 else 2000, int(month or 1), int(day or 1))
    start = f"{'-' if number < 0 else ''}{abs(number):04d}"
    return "-".join([start, *(f"{int(part):02d}" for part in (month, day) if part)])


def _geo(value: Any, _: str) -> Any:
    if isinstance(value, Mapping):
        pair: Any = (value.get("lat"), value.get("lon"))
    elif isinstance(value, list):  # GeoJSON's order
        pair = value[::-1]
    elif found := _POINT.fullmatch(str(value)):
        pair = (found[2], found[1])
    else:
        pair = re.split(r"[,;\s]+", str(value).strip())
    try:
        latitude, longitude = (float(part) for part in pair)
    except (TypeError, ValueError):
        raise Unreadable(f"{value!r} is not latitude,longitude") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Unreadable(f"{value!r} is not on the earth: latitude,longitude is needed")
    return {"lat": latitude, "lon": longitude}


KINDS: Mapping[str, Callable[[Any, str], Any]] = {
    "text": _text,
    "list": _list,
    "number": _number,
    "weight": _weight,
    "date": _date,
    "boolean": _boolean,
    "geo": _geo,
}

_KIND = re.compile(r"([a-z]+)(?:\((.*)\))?", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PARTS = re.compile(r"(?P<year>-?\d{1,4})(?:[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?)?")
_POINTS = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_POINT = re.compile(r"POINT\s*\(\s*(\S+)\s+(\S+)\s*\)", re.IGNORECASE)
_TRUE = frozenset({"true", "yes", "y", "t", "1", "on"})
_FALSE = frozenset({"false", "no", "n", "f", "0", "off"})
_NUMBERS = "long integer short byte double float half_float scaled_float unsigned_long"
_BY_TYPE = {
    **dict.fromkeys(_NUMBERS.split(), "number"),
    "rank_feature": "weight",
    "date": "date",
    "date_nanos": "date",
    "boolean": "boolean",
    "geo_point": "geo",
}
