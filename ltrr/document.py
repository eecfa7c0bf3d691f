"""The README's tables of commands and settings, made from the code.

``python -m ltrr.document README.md`` writes them into the file; a test compares.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import click

from ltrr.cli import COMMANDS, cli
from ltrr.settings import Settings


def settings_table() -> str:
    """One row for each setting: variable, default, meaning (Markdown)."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for setting in fields(Settings):
        default = f"`{setting.default}`" if setting.default not in (None, "") else ""
        rows.append(
            f"| `{setting.metadata['variable']}` | {default} | {setting.metadata['meaning']} |"
        )
    return "\n".join(rows) + "\n"


def commands_table() -> str:
    """One row for each command: how it is called and the first sentence of its help (Markdown)."""
    rows = ["| command | what it does |", "|---|---|"]
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        if command is not None:
            rows.append(f"| `ltrr {name}` | {command.get_short_help_str(limit=200)} |")
    return "\n".join(rows) + "\n"


def main(path: Path) -> None:
    """Write both tables between their markers in the file at ``path``."""
    text = path.read_text()
    for section, table in (("settings", settings_table()), ("commands", commands_table())):
        begin, end = f"<!-- {section} -->\n", f"<!-- /{section} -->"
        before, _, rest = text.partition(begin)
        text = before + begin + table + end + rest.partition(end)[2]
    path.write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
