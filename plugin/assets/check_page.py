"""The two optional files that say how pages look: page.toml and rules.toml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from plugin.assets.files import Assets
from plugin.assets.page import read_page
from plugin.assets.problems import Problem
from plugin.assets.rules import read_rules
from plugin.filters import Filters, fields_of


def check_page(folder: Path, assets: Assets) -> Iterator[Problem]:
    """What is wrong with them; nothing is said while schema or mapping cannot be read."""
    if assets.schema is None or "entities" not in assets.indexes:
        return
    types = fields_of(assets.indexes["entities"])
    problems: list[Problem] = []
    read_page(folder, assets.schema, types, problems)
    read_rules(folder, Filters(types, assets.schema.type).clauses, problems)
    yield from problems
