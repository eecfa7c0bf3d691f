"""The pages of some queries as a table for the docs: how each was read, and who brought what.

    python benchmarks/pages.py [--url URL] [--queries FILE] [--size 8] --out docs/pages.md

Asks a running sidecar (`ltrr serve`, or the one of `make demo`) as somebody new, with
`learn: false`, so that asking changes nothing. FILE holds one query a line.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ltrr.client import Client
from ltrr.settings import Settings
from plugin.assets.schema import Schema, load_schema

HEADER = """# Pages of the demo

Made by `python benchmarks/pages.py --out docs/pages.md` from a running demo; nobody wrote it by
hand. Each table is the first page that somebody new gets: how the words were read (with
likelihoods), and which strategies brought each hit at which rank.
"""


def rendered(answer: Mapping[str, Any], text: str, schema: Schema) -> Iterator[str]:
    """The lines of one query's section."""
    yield f"\n## {text}\n"
    understanding = answer["understanding"]
    intents = sorted(understanding.get("intents", {}).items(), key=lambda pair: -pair[1])
    if intents:
        yield "Intents: " + ", ".join(f"{name} {value:.2f}" for name, value in intents[:3]) + ". "
    slots = understanding.get("slots", ())
    if slots:
        readings = (
            f"“{_cell(slot['words'])}” → {slot['role']} {_cell(slot['value'])} "
            f"({slot['likelihood']:.2f})"
            for slot in slots
        )
        yield "Readings: " + "; ".join(readings) + "."
    else:
        yield "Readings: none."
    yield ""
    yield "| | type | name | by | brought by (strategy rank) |"
    yield "|---|---|---|---|---|"
    for position, hit in enumerate(answer["hits"], 1):
        source = hit["source"]
        origins = ", ".join(f"{one['strategy']} {one['rank']}" for one in hit["provenance"])
        maker = _shown(source.get(schema.by)) if schema.by else ""
        name = _shown(source.get(schema.name))
        yield f"| {position} | {hit['type']} | {name} | {maker} | {origins} |"


def _shown(value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    return _cell(", ".join(str(one) for one in values if one is not None))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    settings = Settings.from_env()
    parser.add_argument("--url", default=f"http://{settings.host}:{settings.port}")
    parser.add_argument("--queries", type=Path, default=Path("examples/music/queries.txt"))
    parser.add_argument("--size", type=int, default=8)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    schema = load_schema(settings.assets)
    lines = [HEADER.rstrip()]
    with Client(arguments.url) as client:
        for text in arguments.queries.read_text().splitlines():
            if text.strip() and not text.startswith("//"):
                answer = client.search(text, size=arguments.size, learn=False)
                lines += rendered(answer, text, schema)
    arguments.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
