"""A place in a filter → the OpenSearch clause for it.

Two forms, in degrees: what is within some distance of a point,
``{"lat": 52.5, "lon": 13.4, "within": "10km"}``, and what is inside a box,
``{"top": 53, "left": 13, "bottom": 52, "right": 14}``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from plugin.errors import InvalidRequest
from plugin.model import Clause

_CIRCLE = frozenset({"lat", "lon", "within"})
_BOX = frozenset({"top", "left", "bottom", "right"})
_DISTANCE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)(?:m|km|mi|yd|ft|nmi)", re.ASCII)
_FORMS = (
    '{"lat": 52.5, "lon": 13.4, "within": "10km"} '
    'or {"top": 53, "left": 13, "bottom": 52, "right": 14}'
)

# A strategy may search indexes that have no such field beside the one that has: there, nothing
# matches, where OpenSearch would fail.
_ELSEWHERE = {"ignore_unmapped": True}


def geo_clause(field: str, wanted: Any) -> Clause:
    """The clause that a ``geo_point`` field has to meet.

    A box whose left is greater than its right crosses the 180th meridian.

    Raises:
        InvalidRequest: it is neither form, or no place on Earth.
    """
    given = frozenset(wanted) if isinstance(wanted, Mapping) else frozenset()
    if given == _CIRCLE:
        return {
            "geo_distance": {
                "distance": _distance(field, wanted["within"]),
                **_ELSEWHERE,
                field: {
                    "lat": _degrees(field, "lat", wanted["lat"], 90),
                    "lon": _degrees(field, "lon", wanted["lon"], 180),
                },
            }
        }
    if given == _BOX:
        box = {
            name: _degrees(field, name, wanted[name], 90 if name in ("top", "bottom") else 180)
            for name in ("top", "left", "bottom", "right")
        }
        if box["bottom"] > box["top"]:
            raise InvalidRequest(f"filters.{field}.geo: the bottom of the box is above its top.")
        return {"geo_bounding_box": {field: box, **_ELSEWHERE}}
    raise InvalidRequest(f"filters.{field}.geo must be {_FORMS}.")


def _degrees(field: str, name: str, value: Any, most: int) -> float | int:
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not math.isfinite(value) or abs(value) > most:
        raise InvalidRequest(
            f"filters.{field}.geo.{name} must be a number of degrees from -{most} to {most}."
        )
    return value  # type: ignore[no-any-return]


def _distance(field: str, value: Any) -> str:
    match = _DISTANCE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not float(match[1]) > 0:
        raise InvalidRequest(
            f'filters.{field}.geo.within must be a distance above 0 such as "10km" or "500m" '
            "(m, km, mi, yd, ft, nmi)."
        )
    return match[0]
