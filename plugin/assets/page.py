"""``page.toml``: how a page is arranged and marked up unless a request says otherwise. Optional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from plugin.assets.problems import Problem, near, read_toml, refuse, unknown_keys
from plugin.assets.schema import Schema
from plugin.assets.vocabulary import DOC_VALUES

FILE = "page.toml"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What page.toml says; without the file nothing collapses and the ranker's order stays.

    ``collapse``: entities with the same values in all of these fields are shown once.
    ``diversity`` (0..1, 0 is off) over the fields of ``diversify``, which all have doc values;
    ``start_diversity`` instead of it for queries that say nothing: a start page is for looking
    around.
    ``highlight``: text fields that are marked up when a request does not name its own, ``tags``
    what stands before and after a matching word.
    """

    collapse: tuple[str, ...] = ()
    diversity: float = 0.0
    start_diversity: float = 0.0
    diversify: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    tags: tuple[str, str] = ("<em>", "</em>")

    @property
    def values(self) -> tuple[str, ...]:
        """The fields whose doc values arranging reads, each once."""
        return tuple(dict.fromkeys((*self.collapse, *self.diversify)))


def load_page(folder: Path, schema: Schema, types: Mapping[str, str]) -> PageSettings:
    """Read ``folder/page.toml``; ``types`` maps the entities' fields to their types.

    Raises:
        InvalidAssets: naming every key that cannot be used.
    """
    problems: list[Problem] = []
    settings = read_page(folder, schema, types, problems)
    refuse(problems)
    return settings


def read_page(
    folder: Path, schema: Schema, types: Mapping[str, str], problems: list[Problem]
) -> PageSettings:
    """Like :func:`load_page`, but adds to ``problems`` and keeps the defaults of what is wrong."""
    usual = PageSettings(highlight=marked(schema, types))
    given = read_toml(folder, FILE, problems) if (folder / FILE).exists() else {}
    if given is None:
        return usual
    problems.extend(unknown_keys(given, [part.name for part in fields(PageSettings)], FILE))

    def named(key: str, kinds: frozenset[str], default: tuple[str, ...]) -> tuple[str, ...]:
        value = given.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            problems.append(Problem(FILE, key, "must be a list of field names"))
            return default
        for field in value:
            if field not in types:
                message = f"there is no field {field!r}; {near(field, types)}"
                problems.append(Problem(FILE, key, message))
            elif types[field] not in kinds:
                message = f"{field!r} is of type {types[field]}, but must be one of "
                problems.append(Problem(FILE, key, message + ", ".join(sorted(kinds))))
        return tuple(value)

    return PageSettings(
        collapse=named("collapse", DOC_VALUES, ()),
        diversity=_share(given, "diversity", problems),
        start_diversity=_share(given, "start_diversity", problems),
        diversify=named("diversify", DOC_VALUES, (schema.type,)),
        highlight=named("highlight", frozenset({"text"}), usual.highlight),
        tags=_tags(given, usual.tags, problems),
    )


def marked(schema: Schema, types: Mapping[str, str]) -> tuple[str, ...]:
    """The fields that are marked up unless page.toml names others: those of text, in order."""
    read = (schema.name, *schema.text)
    return tuple(field for field in dict.fromkeys(read) if types.get(field) == "text")


def _share(given: Mapping[str, Any], key: str, problems: list[Problem]) -> float:
    value = given.get(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        problems.append(Problem(FILE, key, "must be a number from 0 (off) to 1"))
        return 0.0
    return float(value)


def _tags(
    given: Mapping[str, Any], usual: tuple[str, str], problems: list[Problem]
) -> tuple[str, str]:
    value = given.get("tags", list(usual))
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(tag, str) and tag for tag in value)
    ):
        problems.append(Problem(FILE, "tags", "must be two texts: before and after a match"))
        return usual
    return value[0], value[1]
