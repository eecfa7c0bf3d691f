"""The assets folder as one value. The file system is the manifest: what is there is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin.assets.baseline import read_baseline
from plugin.assets.problems import Problem, read_json, read_text, unknown_keys
from plugin.assets.schema import Schema, read_schema
from plugin.assets.values import resolve
from plugin.strategies import Strategy, read_strategies

PIPELINE_KINDS = {"ingest_pipelines": "_ingest/pipeline", "search_pipelines": "_search/pipeline"}
"""Folder → where OpenSearch keeps such pipelines."""

WORDS = "analysis"
"""The folder of lists of words that the analyzers of indexes read, one entry a line."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}")


@dataclass(frozen=True, slots=True)
class Case:
    """An example of a strategy: ``params`` must render to ``body``."""

    name: str
    params: Mapping[str, Any]
    body: Any


@dataclass(frozen=True, slots=True)
class Assets:
    """Everything in the folder, by logical name.

    In ``indexes``, ``pipelines`` (by folder, then name) and ``connectors`` the placeholders that
    the folder itself answers (``schema:``, ``file:``, ``lines:``) are resolved; those of the
    surroundings are not.
    """

    schema: Schema | None
    strategies: tuple[Strategy, ...]
    cases: Mapping[str, tuple[Case, ...]]
    baseline: Mapping[str, float]
    indexes: Mapping[str, Mapping[str, Any]]
    pipelines: Mapping[str, Mapping[str, Mapping[str, Any]]]
    connectors: Mapping[str, Mapping[str, Any]]


def read_assets(folder: Path, problems: list[Problem]) -> Assets:
    """Read the folder, adding to ``problems`` and leaving out what cannot be used."""
    if not folder.is_dir():
        message = "there is no such folder; LTRR_ASSETS names the one with the asset files"
        problems.append(Problem(str(folder), "", message))
        return Assets(None, (), {}, {}, {}, {}, {})
    schema = read_schema(folder, problems)
    strategies = read_strategies(folder, problems)
    return Assets(
        schema=schema,
        strategies=strategies,
        cases={strategy.name: _cases(folder, strategy.name, problems) for strategy in strategies},
        baseline=read_baseline(folder, _folders(folder), problems),
        indexes=_objects(folder, "indexes", schema, problems),
        pipelines={
            kind: _objects(folder, kind, schema, problems, required=False)
            for kind in PIPELINE_KINDS
        },
        connectors=_objects(folder, "connectors", schema, problems, required=False),
    )


def _folders(folder: Path) -> list[str]:
    # A strategy with a mistake elsewhere is still one that the baseline may name.
    root = folder / "strategies"
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir()) if root.is_dir() else []


def _objects(
    folder: Path,
    kind: str,
    schema: Schema | None,
    problems: list[Problem],
    *,
    required: bool = True,
) -> dict[str, Mapping[str, Any]]:
    root = folder / kind
    files = sorted(root.glob("*.json")) if root.is_dir() else []
    if required and not files:
        problems.append(Problem(kind, "", "there is no .json file in it"))
    found: dict[str, Mapping[str, Any]] = {}
    for path in files:
        file = f"{kind}/{path.name}"
        if not _NAME.fullmatch(path.stem):
            problems.append(Problem(file, "", "name it in lower-case letters, digits, _ and -"))
            continue
        value = read_json(folder, file, problems)
        if value is None:
            continue
        if not isinstance(value, dict):
            problems.append(Problem(file, "", "must be a JSON object"))
            continue
        found[path.stem] = resolve(value, _own(folder, kind, file, schema, problems))
    return found


def _own(
    folder: Path, kind: str, file: str, schema: Schema | None, problems: list[Problem]
) -> Callable[[str], Any]:
    """The placeholders that the folder itself answers."""

    def lookup(name: str) -> Any:
        sort, _, of = name.partition(":")
        if sort == "schema" and schema is not None:
            value = getattr(schema, of, None) if of in Schema.__slots__ else None
            if value is None:
                message = f"${{{name}}}: schema.toml has no such part"
                problems.append(Problem(file, "", message))
            return list(value) if isinstance(value, tuple) else value
        if sort == "file":
            if "/" in of or of.startswith("."):
                message = f"${{{name}}}: must be the name of a file in the same folder"
                problems.append(Problem(file, "", message))
                return None
            return read_text(folder, f"{kind}/{of}", problems)
        if sort == "lines":
            if "/" in of or of.startswith("."):
                message = f"${{{name}}}: must be the name of a file in {WORDS}/"
                problems.append(Problem(file, "", message))
                return None
            return _lines(folder, f"{WORDS}/{of}", problems)
        return None

    return lookup


def _lines(folder: Path, file: str, problems: list[Problem]) -> list[str] | None:
    """The lines of a file that say something: without comments (``#``) and blank ones."""
    text = read_text(folder, file, problems)
    if text is None:
        return None
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    if not kept:
        problems.append(Problem(file, "", "holds no line; take its placeholder away instead"))
    return kept


def _cases(folder: Path, strategy: str, problems: list[Problem]) -> tuple[Case, ...]:
    file = f"strategies/{strategy}/cases.json"
    given = read_json(folder, file, problems)
    if given is None:
        return ()
    if not isinstance(given, list) or not given:
        problems.append(Problem(file, "", "must be a list of at least one case"))
        return ()
    cases: list[Case] = []
    for number, case in enumerate(given, 1):
        name = case.get("name") if isinstance(case, dict) else None
        place = f"case {name!r}" if isinstance(name, str) else f"case {number}"
        if not isinstance(case, dict) or not isinstance(name, str):
            problems.append(Problem(file, place, 'must be {"name", "params", "body"}'))
            continue
        problems.extend(unknown_keys(case, ("name", "params", "body"), file, place))
        if not isinstance(case.get("params"), dict) or "body" not in case:
            problems.append(Problem(file, place, "needs params (an object) and a body"))
            continue
        cases.append(Case(name, case["params"], case["body"]))
    return tuple(cases)
