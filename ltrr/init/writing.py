"""Writes the folder: the project's own assets, with the data's fields and the mapping added."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.sources.columns import FILE
from ingest.sources.values import Kind, kind_for
from ltrr.init.guessing import Guess, Use
from plugin.assets.mapping import load_field_types
from plugin.errors import InvalidRequest, LtrrError

ENTITIES = "indexes/entities.json"
SCHEMA = "schema.toml"
UNDERSTANDING = "understanding.toml"
SYNONYMS = "analysis/synonyms.txt"
_KEPT_WORDS = ("stop_words", "letters", "values.language")


def check_place(folder: Path) -> None:
    """Refuse a place where something is.

    Raises:
        InvalidRequest: it is a file, or a folder that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidRequest(f"{folder} is there and not empty: name a folder that is new")


def write_assets(
    folder: Path,
    default: Path,
    guess: Guess,
    kind: str,
    about: str,
    check: Callable[[Path], object],
) -> None:
    """Write ``folder`` as a copy of ``default`` with what ``guess`` says; whole or not at all.

    ``kind`` is the type of entities that name none, ``about`` says in the mapping what was looked
    at; ``check`` raises when the folder cannot be used.
    """
    check_place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        shutil.copytree(default, partial)
        types = load_field_types(partial, "entities")
        _edit(partial / ENTITIES, lambda text: with_fields(text, guess.extra))
        _edit(partial / SCHEMA, lambda text: with_parts(text, guess))
        for file, change in ((UNDERSTANDING, without_words), (SYNONYMS, without_rules)):
            if (partial / file).is_file():
                _edit(partial / file, change)
        mapping = columns_toml(guess, kind, about, {**types, **guess.extra})
        (partial / FILE).write_text(mapping, encoding="utf-8")
        check(partial)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def with_fields(text: str, extra: dict[str, str]) -> str:
    """An index file with more fields, before those that are there; otherwise as it was."""
    if not extra:
        return text
    place = re.compile(r'"mappings"\s*:\s*\{.*?"properties"\s*:\s*\{[ ]*\n', re.DOTALL)
    lines = "".join(
        f"      {json.dumps(name)}: {json.dumps(_definition(kind))},\n"
        for name, kind in extra.items()
    )
    changed = place.sub(lambda found: found[0] + lines, text, count=1)
    properties = json.loads(changed)["mappings"]["properties"]
    if not extra.keys() <= properties.keys():
        raise LtrrError(f"{ENTITIES} is not laid out so that fields can be added to it")
    return changed


def _definition(field_type: str) -> dict[str, object]:
    if field_type == "keyword":
        return {"type": field_type, "ignore_above": 512}
    if field_type == "date":
        return {"type": field_type, "format": "strict_date_optional_time"}
    return {"type": field_type}


def with_parts(text: str, guess: Guess) -> str:
    """schema.toml with the data's own facets, and with all its own fields in what a hit carries."""
    for part, more in (("facets", guess.facets), ("display", list(guess.extra))):
        names = "".join(f", {json.dumps(name)}" for name in more)
        place = re.compile(rf"^({part}\s*=\s*\[[^\]]*?),?\s*\]", re.MULTILINE)
        text = place.sub(lambda found, names=names: f"{found[1]}{names}]", text, count=1)  # type: ignore[misc]
        if not set(more) <= set(tomllib.loads(text).get(part, [])):
            raise LtrrError(f"{SCHEMA} is not laid out so that {part} can be added to it")
    return text


def without_words(text: str) -> str:
    """understanding.toml with what holds for any data: no words for other data's values."""
    tables: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if line.startswith("["):
            before = tables[-1]
            # What is said right above a table is said of it.
            start = len(before)
            while start and before[start - 1].startswith("#"):
                start -= 1
            tables.append(before[start:])
            del before[start:]
        tables[-1].append(line)
    kept = [
        "".join(lines)
        for lines in tables
        if not (found := re.search(r"(?m)^\[([^\]]+)\]", "".join(lines))) or found[1] in _KEPT_WORDS
    ]
    own = (
        "\n# Other words for the types and values of your own data:\n#\n"
        '# [types]\n# book = ["books", "novel"]\n#\n'
        '# [values.categories]\n# "science fiction" = ["sci-fi", "sf"]\n'
    )
    return "".join(kept).rstrip() + "\n" + own


def without_rules(text: str) -> str:
    """synonyms.txt with its explanation and one rule as an example."""
    head = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            break
        head.append(line)
    return "\n".join([*head, "film, movie"]) + "\n"


def columns_toml(guess: Guess, kind: str, about: str, types: dict[str, str]) -> str:
    """The mapping of columns, each with the reason for the guess."""
    lines = [
        f"# Which column becomes which field of an entity, guessed from {about}.",
        "# Change what is wrong and load again; `ltrr ingest --help` names the kinds.",
        "",
    ]
    if guess.id:
        lines += [f"# {guess.id[1]}", f"id = {_quoted(guess.id[0])}", ""]
    lines.append("[fields]")
    fields = list(dict.fromkeys(use.field for use in guess.uses))
    if "type" not in fields:
        lines += ["# no column says it: the same for all", f"type = {{value = {_quoted(kind)}}}"]
    for field in fields:
        uses = [use for use in guess.uses if use.field == field]
        lines += [f"# {_columns(use)}: {use.why}" for use in uses]
        written = [_written(use, kind_for(types.get(field))) for use in uses]
        value = written[0] if len(written) == 1 else f"[{', '.join(written)}]"
        lines.append(f"{_key(field)} = {value}")
    if guess.unused:
        lines += ["", "# Not used:"]
        lines += [f"#   {_comment(name)}: {why}" for name, why in guess.unused.items()]
    return "\n".join(lines) + "\n"


def _written(use: Use, usual: Kind) -> str:
    columns: str = _quoted(use.columns[0])
    if len(use.columns) > 1:
        columns = f"[{', '.join(_quoted(one) for one in use.columns)}]"
    if use.kind == usual and len(use.columns) == 1:
        return columns
    return f"{{column = {columns}, kind = {_quoted(str(use.kind))}}}"


def _columns(use: Use) -> str:
    return _comment(" and ".join(use.columns))


def _comment(text: str) -> str:
    """A text that cannot end a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's, with the one sign escaped that TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def next_commands(folder: Path, namespace: str, load: Sequence[str]) -> list[str]:
    """What to type next."""
    return [
        f"export LTRR_ASSETS={folder} LTRR_NAMESPACE={namespace}",
        "ltrr up",
        "ltrr apply",
        " ".join(load),
        "ltrr serve &",
    ]
