"""What a plan is made of: small ordered values with one line for people and JSON for machines."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["connector", "ingest pipeline", "search pipeline", "template", "index"]
Action = Literal["create", "update", "replace", "deploy", "delete"]

# Each may name what stands before it; what is taken away goes last, when nothing names it any more.
_ORDER: tuple[Kind, ...] = ("connector", "ingest pipeline", "search pipeline", "template", "index")
_SIGNS = {"create": "+", "update": "~", "replace": "~", "deploy": "~", "delete": "-"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in the cluster that is not as the files say.

    ``why`` is half a sentence, ``diff`` the lines of a unified diff, from the cluster to the files.
    """

    kind: Kind
    action: Action
    name: str
    why: str
    diff: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[bool, int, str]:
        """The order in which changes are carried out."""
        deleting = self.action == "delete"
        rank = _ORDER.index(self.kind)
        # A pipeline names a connector's model, so it is deleted before the connector.
        return deleting, len(_ORDER) - rank if deleting else rank, self.name

    def line(self) -> str:
        """The change in one line: ``~ template ltrr-fuzzy: its text differs``."""
        return f"{_SIGNS[self.action]} {self.kind} {self.name}: {self.why}"

    def to_json(self) -> dict[str, Any]:
        """The change for machines."""
        return {
            "kind": self.kind,
            "action": self.action,
            "name": self.name,
            "why": self.why,
            "diff": list(self.diff),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """A change and how to carry it out."""

    change: Change
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to change, what cannot be, and what is worth knowing.

    With any of ``refusals`` nothing at all is applied.
    """

    changes: tuple[Change, ...]
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0: nothing to do, 2: there are changes, 1: it cannot be applied."""
        if self.refusals:
            return 1
        return 2 if self.changes else 0

    def to_json(self) -> dict[str, Any]:
        """The plan for machines."""
        return {
            "changes": [change.to_json() for change in self.changes],
            "refusals": list(self.refusals),
            "notes": list(self.notes),
        }


def diff_text(before: str, after: str) -> tuple[str, ...]:
    """The changed lines of a text with two lines around them, without a file header."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return tuple(list(lines)[2:])


def diff_json(before: Any, after: Any) -> tuple[str, ...]:
    """The changed lines of two JSON values, written with sorted keys."""
    return diff_text(pretty(before), pretty(after))


def pretty(value: Any) -> str:
    """A JSON value as readable text, the same for equal values."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
