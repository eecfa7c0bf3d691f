"""Search templates rendered without a node, with the results that the node gives.

The syntax is read by the library ``mstache``; what OpenSearch's mustache does differently from the
specification is added here: JSON escaping, ``toJson`` and ``join``, Java's way of writing numbers,
and zero being true. A contract test compares every case with ``_render/template`` of a real node.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mstache
import orjson

from plugin.errors import AssetError

_JOIN = re.compile(r"join(?:\s+delimiter='(.*)')?$", re.DOTALL)
_TAG = re.compile(r"\{\{\{?\s*([#^/&!>=]?)\s*(.*?)\s*\}?\}\}", re.DOTALL)
_FUNCTIONS = ("toJson", "join", "url")
_MISSING = object()


def render(template: str, params: Mapping[str, Any]) -> Any:
    """The search body that ``template`` gives with ``params``.

    Raises:
        AssetError: a parameter has no JSON form (NaN, infinity, an object of ours), the template
            is not mustache, or the result is not JSON.
    """
    text = render_text(template, params)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        around = text[max(0, error.pos - 60) : error.pos + 40]
        raise AssetError(f"the rendered body is not JSON: {error.msg}, near {around!r}") from None


def render_text(template: str, params: Mapping[str, Any]) -> str:
    """Like :func:`render`, but the text before it is read as JSON."""
    try:
        plain = orjson.loads(orjson.dumps(params))
        json.dumps(params, allow_nan=False)
    except (orjson.JSONEncodeError, ValueError, TypeError) as error:
        raise AssetError(f"the parameters cannot be sent as JSON: {error}") from None
    try:
        return mstache.render(
            template,
            _scope(plain),
            getter=_lookup,
            stringify=_stringify,
            escape=_escape,
            # Explicit lambdas: what they return is written as it is, never read as a template.
            lambda_render=_no_render,
            resolver=_no_partial,
        )
    except mstache.TokenException as error:
        raise AssetError(f"the template is not mustache: {error}") from None


def names(template: str) -> frozenset[str]:
    """Every parameter that ``template`` names, ``{{#toJson}}these{{/toJson}}`` among them."""
    found: set[str] = set()
    inside: list[str] = []
    at = 0
    for tag in _TAG.finditer(template):
        sigil, name = tag.groups()
        if sigil == "/" and inside:
            function = inside.pop()
            if _is_function(function):
                found.add(template[at : tag.start()].strip())
        elif sigil == "#":
            inside.append(name)
            if not _is_function(name):
                found.add(name)
        elif sigil in ("", "&", "^") and name != ".":
            found.add(name)
        at = tag.end()
    return frozenset(name.split(".")[0] for name in found if name)


def _is_function(name: str) -> bool:
    return name.split(" ", maxsplit=1)[0] in _FUNCTIONS


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as Java writes it. Not a Python number, because to mstache zero is false."""

    text: str


def _scope(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _Number(str(value))
    if isinstance(value, float):
        return _Number(java_double(value))
    if isinstance(value, dict):
        return {key: _scope(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_scope(inner) for inner in value]
    return value


def java_double(value: float) -> str:
    """``Double.toString``: plain from 1e-3 up to 1e7, else one digit before the point and an E."""
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    mantissa, exponent = f"{value!r}", 0
    sign = "-" if value < 0 else ""
    if "e" in mantissa:
        mantissa, _, power = mantissa.partition("e")
        exponent = int(power)
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    point = len(whole) + exponent
    leading = len(digits) - len(digits.lstrip("0"))
    digits, point = digits[leading:].rstrip("0"), point - leading
    if 1e-3 <= abs(value) < 1e7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{digits}"
        digits = digits.ljust(point, "0")
        return f"{sign}{digits[:point]}.{digits[point:] or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _lookup(scope: Any, scopes: Sequence[Any], key: str | bytes, default: Any = None) -> Any:
    key = key.decode() if isinstance(key, bytes) else key
    if key == "toJson":
        return _function(scope, scopes, _to_json)
    joined = _JOIN.match(key)
    if joined:
        delimiter = "," if joined[1] is None else joined[1]
        return _function(scope, scopes, lambda value, name: _join(value, name, delimiter))
    return _find(scope, scopes, key, default)


def _find(scope: Any, scopes: Sequence[Any], key: str, default: Any) -> Any:
    """The value of ``a.b.0`` in the innermost scope that has it."""
    if key == ".":
        # An item that is null is no scope of its own: what stands around it is meant.
        return next((place for place in (scope, *reversed(scopes)) if place is not None), default)
    for place in (scope, *reversed(scopes)):
        value = _walk(place, key.split("."))
        if value is not _MISSING:
            return value
    return default


def _walk(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part == "size":
            value = _Number(str(len(value)))
        elif isinstance(value, list) and part.isdigit():
            if int(part) >= len(value):
                raise AssetError(f"{'.'.join(path)}: the list has no item {part}")
            value = value[int(part)]
        else:
            return _MISSING
    return value


def _function(
    scope: Any, scopes: Sequence[Any], work: Callable[[Any, str], str]
) -> Callable[[str, Any], str]:
    around = tuple(scopes)

    def call(content: str, _render: Any) -> str:
        return work(_find(scope, around, content, None), content)

    return call


def _to_json(value: Any, _name: str) -> str:
    """Lists and objects as JSON; anything else as the bare text that OpenSearch writes."""
    return _json(value) if isinstance(value, dict | list) else _text(value)


def _join(value: Any, name: str, delimiter: str) -> str:
    """The items with ``delimiter`` between them; of what is no list, OpenSearch writes the name."""
    if not isinstance(value, list):
        return name
    if None in value:
        raise AssetError(f"{name}: a list with null in it cannot be joined")
    return delimiter.join(_text(item) for item in value)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{_json(key)}:{_json(item)}" for key, item in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(item) for item in value) + "]"
    if isinstance(value, _Number):
        return value.text
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    """What Java's ``toString`` gives."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_inner(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        # OpenSearch hands mustache a list as a map of positions.
        inner = (f"{position}={_inner(item)}" for position, item in enumerate(value))
        return "{" + ", ".join(inner) + "}"
    return str(value)


def _inner(value: Any) -> str:
    """A value inside another: there a list is Java's own."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return "null" if value is None else _text(value)


def _stringify(value: Any, _is_text: bool) -> bytes:
    # A function has returned the finished text already.
    return _text(value).encode()


def _escape(data: bytes) -> bytes:
    return json.dumps(data.decode(), ensure_ascii=False)[1:-1].encode()


def _no_render(**_context: Any) -> Callable[..., str]:
    return str


def _no_partial(_name: Any) -> None:
    return None
