"""What a column of somebody's data holds, counted over a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ingest.sources.values import Kind, Unreadable, read_value

READABLE = 0.98
"""So many of the values must be of a kind for the column to be of it."""

_KINDS = (
    Kind("boolean"),
    Kind("number"),
    Kind("number", ","),
    Kind("date"),
    Kind("date", "%d/%m/%Y"),
    Kind("date", "%m/%d/%Y"),
    Kind("date", "%d-%m-%Y"),
    Kind("date", "%Y%m%d"),
    Kind("geo"),
)
_SEPARATORS = (";", "|", ",", "/")
_OPAQUE = frozenset({"knn_vector", "binary", "rank_features", "flat_object", "join", "percolator"})


@dataclass(frozen=True, slots=True)
class Profile:
    """One column. ``rows`` were looked at, in ``filled`` of them it has a value.

    ``kind`` is what nearly all values are; ``separator`` divides the values of a cell, "" where
    each has one; ``several``: documents hold lists. ``distinct`` counts single values, ``words`` is
    the mean number of words, ``least`` the least number.
    """

    name: str
    rows: int
    filled: int
    kind: Kind
    distinct: int
    words: float = 0.0
    separator: str = ""
    several: bool = False
    least: float = 0.0
    greatest: float = 0.0
    whole: bool = False
    example: str = ""
    most_common: tuple[str, ...] = ()

    @property
    def unique(self) -> bool:
        """No value stands twice, and every row has one."""
        return self.filled == self.rows == self.distinct

    @property
    def few(self) -> bool:
        """Few enough distinct values to choose from."""
        return 1 < self.distinct <= max(12, 0.3 * self.filled) and self.distinct <= 500


def profiles(records: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> list[Profile]:
    """The profile of every column, in the order of their first appearance.

    ``types`` are types of OpenSearch's by dotted path, where there is a mapping.
    """
    columns: dict[str, list[Any]] = {name: [] for name in types if _is_own(name, types)}
    for record in records:
        for path, value in _flat(record):
            columns.setdefault(path, []).append(value)
    return [
        _profile(name, values, len(records), types.get(name, ""))
        for name, values in columns.items()
        if types.get(name) not in _OPAQUE
    ]


def _is_own(name: str, types: Mapping[str, str]) -> bool:
    """Whether it is a field of documents, not an object and not a second form of a field."""
    parent = name.rpartition(".")[0]
    return types[name] not in ("object", "nested") and types.get(parent) in (
        None,
        "object",
        "nested",
    )


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        path = f"{prefix}{key}"
        if isinstance(inner, Mapping) and not {"lat", "lon"} <= inner.keys():
            yield from _flat(inner, f"{path}.")
        elif isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
            found: dict[str, list[Any]] = {}
            for one in inner:
                for name, part in _flat(one, f"{path}.") if isinstance(one, Mapping) else ():
                    found.setdefault(name, []).append(part)
            yield from found.items()
        elif inner is not None and inner != [] and str(inner).strip():
            yield path, inner


def _profile(name: str, values: Sequence[Any], rows: int, field_type: str) -> Profile:
    several = any(isinstance(value, list) for value in values)
    single = [one for value in values for one in (value if isinstance(value, list) else [value])]
    kind = _kind(single, field_type)
    separator = ""
    if kind.name == "text":
        separator = _separator([str(one) for one in single])
        parts = [part for one in single for part in _split(str(one), separator)]
    else:
        parts = [str(one) for one in single]
    counts = Counter(parts)
    numbers = [float(read_value(kind, one) or 0) for one in single] if kind.name == "number" else []
    return Profile(
        name=name,
        rows=rows,
        filled=len(values),
        kind=kind,
        distinct=len(counts),
        words=sum(len(part.split()) for part in parts) / max(1, len(parts)),
        separator=separator,
        several=several,
        least=min(numbers, default=0.0),
        greatest=max(numbers, default=0.0),
        whole=all(number.is_integer() for number in numbers),
        example=parts[0] if parts else "",
        most_common=tuple(value for value, _ in counts.most_common(3)),
    )


def _kind(values: Sequence[Any], field_type: str) -> Kind:
    if not values:
        return Kind()
    if field_type in ("date", "date_nanos") and all(isinstance(one, int) for one in values):
        return Kind("date", "ms")
    for kind in _KINDS:
        if kind.name == "boolean" and {str(one) for one in values} <= {"0", "1"}:
            continue  # counts, as far as anybody can see
        if kind.name == "number" and all(_is_code(str(one)) for one in values):
            continue
        if _share(kind, values) >= READABLE:
            return kind
    return Kind()


def _is_code(text: str) -> bool:
    """Digits with a zero before them, or very many: a number of nothing."""
    digits = text.strip()
    return digits.isdigit() and (len(digits) > 9 or (len(digits) > 1 and digits.startswith("0")))


def _share(kind: Kind, values: Iterable[Any]) -> float:
    read = total = 0
    for value in values:
        total += 1
        with suppress(Unreadable):
            read += read_value(kind, value) is not None
    return read / total


def _split(text: str, separator: str) -> list[str]:
    parts = text.split(separator) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


def _separator(texts: Sequence[str]) -> str:
    """The sign that divides cells into short values which come again; "" when there is none."""
    for sign in _SEPARATORS:
        divided = [text for text in texts if sign in text]
        if len(divided) < max(2, 0.15 * len(texts)):
            continue
        parts = [part for text in texts for part in _split(text, sign)]
        short = all(len(part) <= 40 and len(part.split()) <= 4 for part in parts)
        again = len(set(parts)) < 0.8 * len(parts)
        if short and (again or sign in ";|"):
            return sign
    return ""
