"""How long reading a query takes with a vocabulary of many names, made up from syllables.

    python benchmarks/understanding.py [--names 100000] [--queries 400] [--json FILE]

Names are one to five words, some words far more frequent than others (as in any catalogue), and
makers have hundreds of works. Four kinds of queries: exact names, names with a typing error in
every long word, long sentences with names in them, and 2,000 characters of what nobody knows.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from plugin.assets.schema import Schema, load_schema
from plugin.understanding import layout
from plugin.understanding.building import build
from plugin.understanding.gathering import Gathering, parts_of
from plugin.understanding.reader import Reader
from plugin.understanding.vocabulary import Vocabulary
from plugin.understanding.wording import load_wording

ASSETS = Path(__file__).parents[1] / "opensearch"
SYLLABLES = """
ba be bi bo ca ce da de do fa fi ga go ka la le li lo ma me mi mo na ne no ra re ri ro sa se so ta
te ti to va ve wa zo an en in on ar er or al el st ck nd
"""
FILLERS = ["songs", "for", "the", "by", "with", "about", "of", "a", "and", "new", "best", "like"]


def main() -> None:
    """Build, read, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    given = parser.parse_args()

    rng = random.Random(7)
    names = list(_names(given.names, rng))
    schema = load_schema(ASSETS)
    wording = load_wording(ASSETS, schema)
    figures: dict[str, Any] = {"names": len(names)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vocabulary.bin"
        started = time.perf_counter()
        types = {field: "keyword" for _, field in schema.named()}
        gathering = Gathering(parts_of(schema, types))
        makers = rng.sample(names, max(1, len(names) // 50))
        for number, name in enumerate(names):
            gathering.add(str(number), _entity(schema, name, number, makers, rng))
        head, arrays = build(gathering.finish(wording), wording)
        layout.write(path, head, arrays)
        figures["build_s"] = time.perf_counter() - started
        figures["file_mb"] = path.stat().st_size / 2**20
        started = time.perf_counter()
        vocabulary = Vocabulary.open(path)
        figures["open_ms"] = (time.perf_counter() - started) * 1000
        reader = Reader(wording, lambda: vocabulary)
        for kind, make in KINDS.items():
            queries = [make(names, rng) for _ in range(given.queries)]
            for query in queries[:20]:
                reader.read(query)
            took = sorted(_milliseconds(reader, query) for query in queries)
            figures[kind] = {
                "median_ms": statistics.median(took),
                "p95_ms": took[int(0.95 * len(took))],
                "read": sum(bool(reader.read(query).slots) for query in queries) / len(queries),
            }
    for key, value in figures.items():
        said = (
            value
            if not isinstance(value, dict)
            else "  ".join(f"{name} {number:.3f}" for name, number in value.items())
        )
        print(f"{key:10} {said if not isinstance(said, float) else f'{said:.2f}'}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2))


def _words(rng: random.Random) -> list[str]:
    syllables = SYLLABLES.split()
    found = {"".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(60_000)}
    return sorted(found)


def _names(count: int, rng: random.Random) -> Iterator[str]:
    words = _words(rng)
    rng.shuffle(words)
    weights = [1 / (rank + 10) ** 0.8 for rank in range(len(words))]
    sizes = rng.choices((1, 2, 3, 4, 5), weights=(15, 40, 25, 15, 5), k=count)
    drawn = iter(rng.choices(words, weights=weights, k=sum(sizes)))
    for size in sizes:
        yield " ".join(next(drawn) for _ in range(size))


def _entity(
    schema: Schema, name: str, number: int, makers: list[str], rng: random.Random
) -> dict[str, Any]:
    values = {facet: f"value {rng.randrange(300)}" for facet in schema.facets}
    return values | {
        schema.type: rng.choice(("song", "artist", "album", "playlist")),
        schema.name: name,
        schema.by or "by": [rng.choice(makers)],
        schema.popularity or "popularity": 1e6 / (1 + number),
    }


def _exact(names: list[str], rng: random.Random) -> str:
    return rng.choice(names)


def _misspelt(names: list[str], rng: random.Random) -> str:
    words = rng.choice(names).split()
    return " ".join(_with_error(word, rng) if len(word) > 4 else word for word in words)


def _with_error(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + rng.choice("aeioulnrst") + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _long(names: list[str], rng: random.Random) -> str:
    parts = [rng.choice(names), *rng.choices(FILLERS, k=6), _misspelt(names, rng)]
    rng.shuffle(parts)
    return " ".join(parts)


def _hostile(names: list[str], rng: random.Random) -> str:
    return " ".join(_with_error(_with_error(name, rng), rng) for name in rng.choices(names, k=150))[
        :2000
    ]


KINDS: dict[str, Callable[[list[str], random.Random], str]] = {
    "exact": _exact,
    "misspelt": _misspelt,
    "long": _long,
    "hostile": _hostile,
}


def _milliseconds(reader: Reader, query: str) -> float:
    started = time.perf_counter()
    reader.read(query)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
