"""A catalogue of another domain than the project's own, in a checkout of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_KINDS = ("bicycle", "helmet", "bell", "lock", "pump", "saddle")
_MAKERS = ("Acme", "Velo Nord", "Pedal & Sons")
_STYLES = ("city", "racing", "touring")
_COLOURS = ("red", "blue", "green", "black")

_SETTINGS = """
name = "bicycles"
description = "Invented bicycles and what belongs to them."

[vocabularies]
styles = ["city", "racing", "touring"]
colours = ["red", "blue", "green", "black"]
"""

_KIND = """
[[files]]
paths = ["{kind}.txt"]
line = "{kind}"

[kinds.{kind}]
positions = ["name", "maker", "styles", "colours", "popularity"]
id = ["name", "by"]

[kinds.{kind}.columns]
name = {{ field = "name" }}
maker = {{ field = "by", list = ";" }}
styles = {{ field = "categories", list = ",", vocabulary = "styles" }}
colours = {{ field = "attributes", list = ",", vocabulary = "colours" }}
popularity = {{ field = "popularity" }}
"""


def make_checkout(folder: Path) -> Path:
    """A checkout with the project's assets and a small catalogue; returns its assets folder."""
    assets = folder / "opensearch"
    shutil.copytree(ROOT / "opensearch", assets)
    catalogue = folder / "examples" / "bicycles"
    catalogue.mkdir(parents=True)
    kinds = "".join(_KIND.format(kind=kind) for kind in _KINDS)
    (catalogue / "catalogue.toml").write_text(_SETTINGS + kinds)
    (catalogue / "queries.txt").write_text("red racing\nacme bel\n")
    for row, kind in enumerate(_KINDS):
        lines = [
            f"{maker.split()[0]} {style} {kind} {row + 1}{column}{place} | {maker} | {style} "
            f"| {_COLOURS[(row + column + place) % 4]} | {1 + row + 7 * column + 3 * place}"
            for column, maker in enumerate(_MAKERS)
            for place, style in enumerate(_STYLES)
        ]
        (catalogue / f"{kind}.txt").write_text("\n".join(lines) + "\n")
    return assets
