"""``validate``: everything that can be known of the files without a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plugin.assets.check_indexes import check_indexes
from plugin.assets.check_page import check_page
from plugin.assets.check_strategies import check_strategies
from plugin.assets.credentials import in_text, in_value
from plugin.assets.extends import located
from plugin.assets.files import Assets, read_assets
from plugin.assets.grades import read_grades
from plugin.assets.problems import Problem, near, refuse, unknown_keys
from plugin.assets.values import AssetValues, placeholders
from plugin.understanding.wording import read_wording

_ANY_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_SURROUNDINGS = ("namespace", "model_server", "dimensions")
_READ = (".json", ".toml", ".mustache", ".painless", ".txt")


def validate(folder: Path, values: AssetValues | None = None) -> Assets:
    """The assets of a folder, when nothing is wrong with them.

    ``values`` adds the checks that need the surroundings (the length of the encoder's vectors).

    Raises:
        InvalidAssets: with everything that is wrong, not the first thing only.
    """
    problems: list[Problem] = []
    assets = read_assets(folder, problems)
    problems.extend(check_strategies(assets))
    problems.extend(check_indexes(assets, values))
    problems.extend(check_page(folder, assets))
    read_wording(folder, assets.schema, problems)
    read_grades(folder, problems)
    problems.extend(_check_connectors(assets))
    problems.extend(_check_placeholders(assets))
    problems.extend(_check_credentials(folder, assets))
    refuse(located(folder, problems))
    return assets


def _everything(assets: Assets) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, index in assets.indexes.items():
        yield f"indexes/{name}.json", index
    for kind, pipelines in assets.pipelines.items():
        for name, pipeline in pipelines.items():
            yield f"{kind}/{name}.json", pipeline
    for name, connector in assets.connectors.items():
        yield f"connectors/{name}.json", connector


def _check_connectors(assets: Assets) -> Iterator[Problem]:
    for name, given in assets.connectors.items():
        file = f"connectors/{name}.json"
        yield from unknown_keys(given, ("connector", "model"), file)
        connector = given.get("connector")
        if not isinstance(connector, Mapping) or not connector.get("actions"):
            yield Problem(file, "connector", "must be given, with its actions")
        elif "name" in connector:
            message = f"leave it out: the name is ${{namespace}}-{name}"
            yield Problem(file, "connector.name", message)


def _check_placeholders(assets: Assets) -> Iterator[Problem]:
    known = {*_SURROUNDINGS, *(f"model:{name}" for name in assets.connectors)}
    for file, value in _everything(assets):
        for name in sorted(_unresolved(value)):
            if name in known or name.startswith(("parameters.", "credential.")):
                continue
            if name.startswith(("schema:", "file:", "lines:")):
                continue  # what is wrong with it was said when it was read
            yield Problem(file, f"${{{name}}}", f"unknown placeholder; {near(name, known)}")
    for kind in ("indexes", "connectors"):
        for file, value in _everything(assets):
            for name in sorted(placeholders(value)):
                if file.startswith(kind) and name.startswith("model:"):
                    yield Problem(file, f"${{{name}}}", "only a pipeline may name a model")


def _unresolved(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(_ANY_PLACEHOLDER.findall(value))
    if isinstance(value, Mapping):
        return set().union(*(_unresolved(key) | _unresolved(item) for key, item in value.items()))
    if isinstance(value, list):
        return set().union(*map(_unresolved, value))
    return set()


def _check_credentials(folder: Path, assets: Assets) -> Iterator[Problem]:
    advice = "never keep one in a file; use ${credential...} and a dummy"
    for path in sorted(folder.rglob("*")):
        if path.suffix in _READ and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for line, meaning in in_text(text):
                file = path.relative_to(folder).as_posix()
                yield Problem(file, f"line {line}", f"looks like {meaning}; {advice}")
    for file, value in _everything(assets):
        for place, meaning in in_value(value):
            yield Problem(file, place, f"looks like {meaning}; {advice}")
