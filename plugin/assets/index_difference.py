"""How an index in the cluster differs from its file, and what of that can be changed in place.

A file's field definitions are remembered, as short hashes, in the mapping's ``_meta``. They tell
apart what OpenSearch writes in its own way (the file has not changed: equal) from a file that has
changed, and from somebody's edit in the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin.assets.changes import diff_json
from plugin.assets.mapping import walk_fields
from plugin.assets.reopening import without_storing_anew
from plugin.assets.vocabulary import (
    DYNAMIC_SETTING_GROUPS,
    DYNAMIC_SETTINGS,
    UPDATABLE_PARAMETERS,
)
from plugin.assets.wanted import fingerprint

_INNER = frozenset({"properties", "fields"})
_DEFAULTS: Mapping[str, Any] = {
    "type": "object",
    "index": True,
    "enabled": True,
    "doc_values": True,
    "store": False,
    "copy_to": [],
    "boost": 1.0,
}
# What OpenSearch takes for "there is none".
_NO_PIPELINE = "_none"


@dataclass(slots=True)
class Difference:
    """``mapping`` and ``settings`` say whether to write them; ``refused`` cannot be written.

    ``reopened`` are settings that the index takes only while it is closed for a moment.
    ``resized`` are vectors among the refused that have another length now. ``notes`` are worth
    knowing, ``new_fields`` were not in the index before.
    """

    mapping: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    reopened: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    resized: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)


def with_memory(mappings: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The mapping as it is sent: with our mark and the hash of every field's definition."""
    prints = {path: fingerprint(_own(body)) for path, body in walk_fields(mappings)}
    return {
        **mappings,
        "_meta": {**mappings.get("_meta", {}), "ltrr": {"namespace": namespace, "fields": prints}},
    }


def mapping_diff(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields whose definitions differ, without what OpenSearch writes in its own way."""
    before, after = dict(walk_fields(stored)), dict(walk_fields(wanted))
    remembered = stored.get("_meta", {}).get("ltrr", {}).get("fields", {})
    prints = wanted["_meta"]["ltrr"]["fields"]
    names = [path for path in after if path not in before or remembered.get(path) != prints[path]]
    outer = [path for path in names if path.rpartition(".")[0] not in names]
    return diff_json(
        {path: before[path] for path in outer if path in before},
        {path: after[path] for path in outer},
    )


def compare(
    mappings: Mapping[str, Any],
    settings: Mapping[str, Any],
    stored_mappings: Mapping[str, Any],
    stored_settings: Mapping[str, Any],
) -> Difference:
    """Compare a file (``mappings`` from :func:`with_memory`, flat ``settings``) with the index."""
    difference = Difference()
    _compare_mappings(difference, mappings, stored_mappings)
    for key, value in sorted(settings.items()):
        stored = stored_settings.get(key)
        if stored == value or (value == _NO_PIPELINE and stored is None):
            continue
        if _is_dynamic(key):
            difference.settings[key] = value
        elif without_storing_anew(key, stored_mappings, stored_settings):
            difference.reopened[key] = value
        else:
            difference.refused.append(f"setting {key} is {stored!r}, the file says {value!r}")
    return difference


def _compare_mappings(
    difference: Difference, wanted: Mapping[str, Any], stored: Mapping[str, Any]
) -> None:
    fields, stored_fields = dict(walk_fields(wanted)), dict(walk_fields(stored))
    remembered = stored.get("_meta", {}).get("ltrr", {}).get("fields", {})
    prints = wanted["_meta"]["ltrr"]["fields"]
    if stored.get("_meta") != wanted["_meta"]:
        difference.mapping = True
    for key in sorted(set(_own(wanted)) - {"_meta"}):
        if not _equal(wanted[key], stored.get(key, _DEFAULTS.get(key))):
            _change(difference, f"the mapping's {key}", key, wanted[key], stored.get(key))
    for path, body in fields.items():
        if path not in stored_fields:
            difference.mapping = True
            difference.new_fields.append(path)
            continue
        unchanged = remembered.get(path) == prints[path]
        _compare_field(difference, path, _own(body), _own(stored_fields[path]), unchanged)
    for path in sorted(set(stored_fields) - set(fields)):
        parent = path.rpartition(".")[0]
        if not parent or parent in fields:
            difference.notes.append(
                f"the field {path} is in no file any more; it stays, since no field of an index "
                "can be taken away"
            )


def _compare_field(
    difference: Difference,
    path: str,
    wanted: Mapping[str, Any],
    stored: Mapping[str, Any],
    unchanged: bool,
) -> None:
    for key in sorted(set(wanted) | set(stored)):
        given = wanted.get(key, _DEFAULTS.get(key))
        there = stored.get(key, _DEFAULTS.get(key))
        if _equal(given, there):
            continue
        # The file is what it was when it was written: what is only on one side is OpenSearch's
        # own way of writing it down. A value that is on both sides was edited in the cluster.
        if unchanged and (key not in wanted or key not in stored):
            continue
        if key == "dimension":
            difference.resized.append(path)
        _change(difference, f"the field {path}: its {key}", key, given, there)


def _change(difference: Difference, what: str, key: str, wanted: Any, stored: Any) -> None:
    if key in UPDATABLE_PARAMETERS:
        difference.mapping = True
    else:
        difference.refused.append(f"{what} is {stored!r}, the file says {wanted!r}")


def _equal(wanted: Any, stored: Any) -> bool:
    """Whether two values mean the same, after OpenSearch's ways of writing them."""
    if isinstance(wanted, Mapping) and isinstance(stored, Mapping):
        return all(_equal(value, stored.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) or isinstance(stored, list):
        return _listed(wanted) == _listed(stored)
    return _scalar(wanted) == _scalar(stored)


def _listed(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [_scalar(item) for item in items]


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(float(value))
    return str(value)


def _own(body: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a field itself, without the fields inside it."""
    return {key: value for key, value in body.items() if key not in _INNER}


def _is_dynamic(key: str) -> bool:
    short = key.removeprefix("index.")
    return short in DYNAMIC_SETTINGS or short.startswith(DYNAMIC_SETTING_GROUPS)
