"""What the placeholders in asset files stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_PLACEHOLDER = re.compile(
    r"\$\{(namespace|model_server|dimensions|(?:model|schema|file|lines):[^}]*)\}"
)


@dataclass(frozen=True, slots=True)
class AssetValues:
    """The surroundings in which assets are planned and applied.

    ``model_server`` is its address as the cluster sees it, ``dimensions`` the length of the
    encoder's vectors. ``enrichment`` says who enriches single writes; ``auto`` means the cluster
    where it has ML Commons.
    """

    namespace: str
    model_server: str
    dimensions: int
    enrichment: Literal["auto", "pipeline", "client"] = "auto"


def placeholders(value: Any) -> set[str]:
    """The names of all placeholders of ours in a JSON value: ``{"namespace", "model:embeddings"}``.

    Others, as ``${parameters.input}`` of a connector, are OpenSearch's own and left alone.
    """
    if isinstance(value, str):
        return set(_PLACEHOLDER.findall(value))
    if isinstance(value, Mapping):
        inner: list[Any] = [*value.keys(), *value.values()]
        return set().union(*map(placeholders, inner))
    if isinstance(value, list):
        return set().union(*map(placeholders, value))
    return set()


def resolve(value: Any, lookup: Callable[[str], Any]) -> Any:
    """Replace every placeholder in a JSON value by ``lookup(name)``.

    A string that is nothing but one placeholder becomes the value itself (a number stays a
    number); inside a longer string, or a key, it is written out. Where ``lookup`` gives None the
    placeholder stays as it is.
    """
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole:
            found = lookup(whole[1])
            return value if found is None else found
        return _PLACEHOLDER.sub(
            lambda match: match[0] if (found := lookup(match[1])) is None else str(found), value
        )
    if isinstance(value, Mapping):
        return {str(resolve(key, lookup)): resolve(inner, lookup) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolve(inner, lookup) for inner in value]
    return value
