"""Rules: what people decided about pages by hand. Optional, in ``rules.toml``; or by the API.

    [rules.summer]
    action = "pin"                  # pin, boost or block
    query = "songs for summer"      # as people type it; without one, for every query
    ids = ["playlist:summer"]
    position = 1

``pin`` puts entities at a position (the first at ``position``, the others below it). ``boost``
brings entities nearer to the top (or farther, below 1) by a ``factor``. ``block`` hides them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from plugin.assets.problems import Problem, near, read_toml, refuse, unknown_keys
from plugin.errors import InvalidRequest
from plugin.model import Clause
from plugin.understanding import memory_key

FILE = "rules.toml"
MOST_RULES = 1000
MOST_IDS = 100
MOST_FACTOR = 100.0
MOST_POSITION = 100

Action = Literal["pin", "boost", "block"]
ReadFilters = Callable[[Mapping[str, Any]], tuple[Clause, ...]]
"""The filters of a request, or of a rule → clauses. Raises InvalidRequest."""

_ACTIONS = ("pin", "boost", "block")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_KEYS = ("action", "query", "ids", "filters", "position", "factor", "note")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``query`` None means every query; one of ``ids`` and ``filters`` is given.

    ``position`` (1 is the top) is for pins, ``factor`` (above 0) for boosts; ``clauses`` are the
    filters as OpenSearch reads them.
    """

    id: str
    action: Action
    query: str | None = None
    ids: tuple[str, ...] = ()
    filters: Mapping[str, Any] = field(default_factory=dict)
    position: int = 1
    factor: float = 1.0
    note: str = ""
    clauses: tuple[Clause, ...] = ()

    @property
    def key(self) -> str | None:
        """The memory key of the query that this rule is for; None for every query."""
        return None if self.query is None else memory_key(self.query)

    def told(self) -> dict[str, Any]:
        """The rule as it was given, without its id: what does not belong to its action left out."""
        given: dict[str, Any] = {"action": self.action}
        if self.query is not None:
            given["query"] = self.query
        if self.ids:
            given["ids"] = list(self.ids)
        if self.filters:
            given["filters"] = dict(self.filters)
        if self.action == "pin":
            given["position"] = self.position
        if self.action == "boost":
            given["factor"] = self.factor
        if self.note:
            given["note"] = self.note
        return given


def load_rules(folder: Path, filters: ReadFilters) -> tuple[Rule, ...]:
    """The rules of ``folder/rules.toml``, in the order of their ids; none without the file.

    Raises:
        InvalidAssets: naming every rule and key that cannot be used.
    """
    problems: list[Problem] = []
    rules = read_rules(folder, filters, problems)
    refuse(problems)
    return rules


def read_rules(folder: Path, filters: ReadFilters, problems: list[Problem]) -> tuple[Rule, ...]:
    """Like :func:`load_rules`, but adds to ``problems`` and leaves out what is wrong."""
    given = read_toml(folder, FILE, problems) if (folder / FILE).exists() else {}
    if given is None:
        return ()
    problems.extend(unknown_keys(given, ["rules"], FILE))
    table = given.get("rules", {})
    if not isinstance(table, dict) or not all(isinstance(one, dict) for one in table.values()):
        problems.append(Problem(FILE, "rules", "must be tables: [rules.<id>]"))
        return ()
    if len(table) > MOST_RULES:
        problems.append(Problem(FILE, "rules", f"are {len(table)}, at most {MOST_RULES} fit"))
        return ()
    rules: list[Rule] = []
    for id in sorted(table):
        try:
            rules.append(rule_of(id, table[id], filters))
        except InvalidRequest as error:
            problems.append(Problem(FILE, f"rules.{id}", error.message))
    return tuple(rules)


def rule_of(id: str, given: Mapping[str, Any], filters: ReadFilters) -> Rule:
    """A rule from its id and its table, from a file or from a request.

    Raises:
        InvalidRequest: the first thing about it that cannot be used.
    """
    if not _ID.fullmatch(id):
        raise InvalidRequest(
            f"{id[:70]!r} is no id of a rule: letters, digits, _ . and -, at most 64."
        )
    unknown = [key for key in given if key not in _KEYS]
    if unknown:
        raise InvalidRequest(f"unknown key {unknown[0]!r}; {near(unknown[0], _KEYS)}.")
    action = given.get("action")
    if action not in _ACTIONS:
        raise InvalidRequest("action must be pin, boost or block.")
    ids, wanted = _ids(given), _filters(given)
    if action == "pin" and (wanted or not ids):
        raise InvalidRequest("a pin needs ids, and takes no filters.")
    if bool(ids) == bool(wanted):
        raise InvalidRequest("give either ids or filters: what the rule is about.")
    for key, of in (("position", "pin"), ("factor", "boost")):
        if key in given and action != of:
            raise InvalidRequest(f"{key} is for a {of}.")
    if action == "boost" and "factor" not in given:
        raise InvalidRequest("a boost needs a factor: above 1 raises, below 1 lowers.")
    return Rule(
        id=id,
        action=cast(Action, action),
        query=_query(given),
        ids=ids,
        filters=wanted,
        position=int(_number(given, "position", 1, MOST_POSITION, whole=True)),
        factor=_number(given, "factor", 0.01, MOST_FACTOR),
        note=_text(given, "note", 500) or "",
        clauses=filters(wanted) if wanted else (),
    )


def _query(given: Mapping[str, Any]) -> str | None:
    query = _text(given, "query", 2000)
    if query is not None and not memory_key(query):
        raise InvalidRequest("query has no word in it. Leave it out for every query.")
    return query


def _ids(given: Mapping[str, Any]) -> tuple[str, ...]:
    ids = given.get("ids", [])
    if (
        not isinstance(ids, list | tuple)
        or len(ids) > MOST_IDS
        or not all(isinstance(id, str) and 0 < len(id) <= 512 for id in ids)
    ):
        raise InvalidRequest(f"ids must be a list of at most {MOST_IDS} ids of entities.")
    return tuple(dict.fromkeys(ids))


def _filters(given: Mapping[str, Any]) -> Mapping[str, Any]:
    filters = given.get("filters", {})
    if not isinstance(filters, Mapping) or len(filters) > 50:
        raise InvalidRequest("filters must map fields to values, as those of a search do.")
    return dict(filters)


def _text(given: Mapping[str, Any], key: str, most: int) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or len(value) > most):
        raise InvalidRequest(f"{key} must be a text of at most {most} characters.")
    return value


def _number(
    given: Mapping[str, Any], key: str, least: float, most: float, *, whole: bool = False
) -> float:
    value = given.get(key, 1)
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        kind = "whole number" if whole else "number"
        raise InvalidRequest(f"{key} must be a {kind} from {least:g} to {most:g}.")
    return float(value)
