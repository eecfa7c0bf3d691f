"""Fields of documents by their dotted paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def value_at(source: Any, path: str | None) -> Any:
    """What stands at ``path`` (``a.b``) in a document; None where nothing does, or without one."""
    if not path:
        return None
    for step in path.split("."):
        source = source.get(step) if isinstance(source, Mapping) else None
    return source
