"""Strategies: the ways to draw candidates, each a folder of files.

``strategies/<name>/template.mustache`` renders parameters to a search body,
``strategies/<name>/strategy.toml`` says what it needs, ``cases.json`` shows what it renders.
Copying a folder makes another strategy; nothing here lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from plugin.assets.problems import Problem, near, read_text, read_toml, refuse, unknown_keys

SAYING = frozenset(
    {
        "text",
        "vector",
        "adapted_vector",
        "sparse",
        "slots",
        "corrected",
        "rewritten",
        "rest",
        "memory_key",
        "entities",
        "pointed_at",
    }
)
"""What a query can bring that depends on its words."""

NEEDS = SAYING | {
    "user_vector",
    "session_vector",
    "graph_vector",
    "trending",
    "now",
    "original",
}
"""All that a query can bring. A strategy whose needs it cannot meet is not eligible; what it only
uses may be missing, and its template must do without."""

ROLES = frozenset({"name", "by", "type", "facets", "language", "recent", "popular"})
"""What words of a query can be read as: see ``plugin.model.Slot``."""

ITEMS = {
    "slots": ROLES | {"role", "field", "value", "words", "likelihood", "entity"},
    "trending": frozenset({"id", "score"}),
    "entities": frozenset({"id", "score"}),
    "pointed_at": frozenset({"id", "score"}),
}
"""Of the lists among them: what a template may read of an item. Of a slot, the name of its own role
is true, so that ``{{#by}}…{{/by}}`` is for makers only."""

ALWAYS = frozenset({"size", "filters"})
"""Parameters that every template gets, and must use."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYS = frozenset(
    {
        "description",
        "family",
        "index",
        "needs",
        "uses",
        "most_words",
        "stage",
        "cost",
        "entity_types",
        "returns",
    }
)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to draw candidates.

    ``indexes`` are logical names. ``stage`` 1 runs in the first msearch, 2 over its results.
    It ``uses`` what a query may bring or not, beside what it ``needs``. Queries of more than
    ``most_words`` words are not for it (None: all are).
    ``cost`` is relative, lexical being 1. ``entity_types`` are what it can bring, () for all.
    It ``returns`` entities, or references: hits that point to entities.
    """

    name: str
    description: str
    family: str
    indexes: tuple[str, ...]
    needs: frozenset[str]
    stage: int
    cost: float
    entity_types: tuple[str, ...]
    returns: Literal["entities", "references"]
    template: str
    uses: frozenset[str] = frozenset()
    most_words: int | None = None

    @property
    def reads(self) -> frozenset[str]:
        """Every parameter that the template may read, beside those that all get."""
        return self.needs | self.uses


def load_strategies(folder: Path) -> tuple[Strategy, ...]:
    """Read every strategy of an assets folder, in the order of their names.

    Raises:
        InvalidAssets: naming every file and key that cannot be used.
    """
    problems: list[Problem] = []
    strategies = read_strategies(folder, problems)
    refuse(problems)
    return strategies


def read_strategies(folder: Path, problems: list[Problem]) -> tuple[Strategy, ...]:
    """Like :func:`load_strategies`, but adds to ``problems`` and leaves out what is wrong."""
    root = folder / "strategies"
    if not root.is_dir():
        problems.append(Problem("strategies", "", f"there is no such folder in {folder}"))
        return ()
    found = [
        _read(folder, entry.name, problems)
        for entry in sorted(root.iterdir())
        if entry.is_dir() and not entry.name.startswith(".")
    ]
    strategies = tuple(strategy for strategy in found if strategy is not None)
    if not found:
        problems.append(Problem("strategies", "", "there is no strategy; one folder makes one"))
    return strategies


def _read(folder: Path, name: str, problems: list[Problem]) -> Strategy | None:
    place = f"strategies/{name}"
    if not _NAME.fullmatch(name):
        message = (
            "a strategy's name is lower-case letters, digits and _, at most 40, a letter first"
        )
        problems.append(Problem(place, "", message))
        return None
    before = len(problems)
    template = read_text(folder, f"{place}/template.mustache", problems)
    file = f"{place}/strategy.toml"
    given = read_toml(folder, file, problems)
    if given is None:
        return None
    problems.extend(unknown_keys(given, _KEYS, file))
    form = _Form(given, file, problems)
    strategy = Strategy(
        name=name,
        description=form.text("description"),
        family=form.text("family"),
        indexes=form.names("index", ("entities",), several=False),
        needs=frozenset(form.names("needs", ())),
        stage=form.one_of("stage", (1, 2), 1),
        cost=form.positive("cost", 1.0),
        entity_types=form.names("entity_types", ()),
        returns=form.one_of("returns", ("entities", "references"), "entities"),
        template=template or "",
        uses=frozenset(form.names("uses", ())),
        most_words=form.count("most_words"),
    )
    for key, names in (("needs", strategy.needs), ("uses", strategy.uses)):
        for name_ in sorted(names - NEEDS):
            problems.append(Problem(file, key, f"unknown need {name_!r}; {near(name_, NEEDS)}"))
    return strategy if len(problems) == before else None


@dataclass(frozen=True, slots=True)
class _Form:
    """The keys of one strategy.toml; whatever does not fit becomes a problem."""

    given: dict[str, Any]
    file: str
    problems: list[Problem]

    def _wrong(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.file, key, message))

    def text(self, key: str) -> str:
        value = self.given.get(key)
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, "must be given, as a text")
            return ""
        return value

    def names(self, key: str, default: tuple[str, ...], *, several: bool = True) -> tuple[str, ...]:
        value = self.given.get(key, list(default))
        if isinstance(value, str) and not several:
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(key, "must be a list of names" if several else "must be a name or several")
            return default
        if not value and not several:
            self._wrong(key, "must name at least one")
        return tuple(value)

    def one_of(self, key: str, choices: tuple[Any, ...], default: Any) -> Any:
        value = self.given.get(key, default)
        if isinstance(value, bool) or value not in choices:
            self._wrong(key, f"is {value!r}, but must be {' or '.join(map(repr, choices))}")
            return default
        return value

    def count(self, key: str) -> int | None:
        value = self.given.get(key)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value < 1
        ):
            self._wrong(key, f"is {value!r}, but must be a whole number of at least 1")
            return None
        return value

    def positive(self, key: str, default: float) -> float:
        value = self.given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
            self._wrong(key, f"is {value!r}, but must be a number above 0")
            return default
        return float(value)
