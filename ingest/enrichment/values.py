"""Reading a field of a document as texts, whatever JSON it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def texts(document: Mapping[str, Any], field: str) -> list[str]:
    """The non-empty texts of ``field``: of a text, a number or a list of them; else none.

    Objects and true/false are no texts. Numbers that are whole lose their ".0", because a document
    may arrive through a connector that turns 2008 into 2008.0.
    """
    value = document.get(field)
    found: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, bool):
            continue
        if isinstance(entry, str | int | float):
            whole = isinstance(entry, float) and entry.is_integer()
            text = " ".join(str(int(entry) if whole else entry).split())
            if text:
                found.append(text)
    return found
