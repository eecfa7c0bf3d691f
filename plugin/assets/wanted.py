"""What the files want of one cluster: placeholders resolved, names as they are in the cluster."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugin.assets.files import PIPELINE_KINDS, Assets
from plugin.assets.values import AssetValues, placeholders, resolve


@dataclass(frozen=True, slots=True)
class Wanted:
    """By name in the cluster. Only ``${model:…}`` is left open: models get their ids when made.

    ``pipelines`` are by (where OpenSearch keeps them, name), ``connectors`` by logical name;
    ``kept`` are names of pipelines that are not wanted here, and not taken away either.
    """

    namespace: str
    templates: Mapping[str, str]
    indexes: Mapping[str, Mapping[str, Any]]
    pipelines: Mapping[tuple[str, str], Mapping[str, Any]]
    connectors: Mapping[str, Mapping[str, Any]]
    kept: frozenset[str]
    models: bool


def want(assets: Assets, values: AssetValues, *, models: bool) -> Wanted:
    """What the files want; without ``models`` whatever needs the cluster's ML Commons is left out.

    An index whose default pipeline is left out has none.
    """

    def lookup(name: str) -> Any:
        sort, _, of = name.partition(":")
        if sort == "model":
            return None
        return {
            "namespace": values.namespace,
            "model_server": values.model_server,
            "dimensions": values.dimensions,
        }.get(of or sort)

    namespace = values.namespace
    pipelines: dict[tuple[str, str], Mapping[str, Any]] = {}
    kept: set[str] = set()
    for kind, table in assets.pipelines.items():
        for logical, body in table.items():
            if not models and any(name.startswith("model:") for name in placeholders(body)):
                kept.add(f"{namespace}-{logical}")
            else:
                pipelines[PIPELINE_KINDS[kind], f"{namespace}-{logical}"] = signed(
                    resolve(body, lookup), namespace
                )
    indexes: dict[str, Mapping[str, Any]] = {}
    for logical, body in assets.indexes.items():
        index = resolve(body, lookup)
        settings = flatten(index["settings"])
        if settings.get("index.default_pipeline") in kept:
            settings["index.default_pipeline"] = "_none"
        indexes[logical] = {**index, "settings": settings}
    return Wanted(
        namespace=namespace,
        templates={
            f"{namespace}-{strategy.name}": f"{template_mark(namespace)}\n{strategy.template}"
            for strategy in assets.strategies
        },
        indexes=indexes,
        pipelines=pipelines,
        connectors={logical: resolve(body, lookup) for logical, body in assets.connectors.items()}
        if models
        else {},
        kept=frozenset(kept),
        models=models,
    )


def template_mark(namespace: str) -> str:
    """The first line of a stored template of ours: a comment, which renders to nothing.

    Another namespace may begin with this one and a hyphen, so a name alone does not tell whose a
    template is.
    """
    return f"{{{{! ltrr:{namespace} }}}}"


def mark(namespace: str, print_: str = "") -> str:
    """The end of a description of ours; ML Commons takes few signs, round brackets among them."""
    return f"(ltrr:{namespace}{':' if print_ else ''}{print_})"


def signed(body: Mapping[str, Any], namespace: str, print_: str = "") -> dict[str, Any]:
    """``body`` with our mark at the end of its description."""
    description = f"{body.get('description', '')} {mark(namespace, print_)}".strip()
    return {**body, "description": description}


def fingerprint(value: Any) -> str:
    """12 hex digits that are the same for equal JSON values."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=6).hexdigest()


def flatten(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Index settings as OpenSearch stores them: ``{"index.knn": "true"}``; lists stay lists."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{path}.")
            continue
        if not path.startswith("index."):
            path = f"index.{path}"
        if isinstance(value, list):
            flat[path] = [_text(item) for item in value]
        else:
            flat[path] = _text(value)
    return flat


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
