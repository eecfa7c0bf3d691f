"""A small shelf of entities on which each strategy has something that only it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugin.assets import AssetValues
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.retrieval import merged
from plugin.strategies import Strategy, load_strategies
from plugin.understanding import memory_key

FOLDER = Path(__file__).parents[3] / "opensearch"
NOW = "2026-11-24T12:00:00.000Z"
FULL = {
    "text": "The one that everybody means.",
    "aliases": ["The Greeting"],
    "categories": ["soul"],
    "attributes": ["calm"],
    "language": "en",
    "published": "1983",
    "part_of": ["First Words"],
    "related": {"artist": ["ann"]},
}

ENTITIES: dict[str, dict[str, Any]] = {
    "ann": {"type": "artist", "name": "Ann Lee", "popularity": 70, "categories": ["soul"]},
    "queen": {"type": "artist", "name": "Queen", "popularity": 95, "categories": ["rock"]},
    # One name, three times: which of them first?
    "hello-thin": {"name": "Hello", "by": ["Bo"], "popularity": 90},
    "hello-full": {"name": "Hello", "by": ["Ann Lee"], "popularity": 20, **FULL},
    "hello-live": {
        "name": "Hello",
        "by": ["Cy"],
        "part_of": ["Live at the Old Hall, the Second and Last Night of a Very Long Journey"],
        "popularity": 5,
        "published": "2026-09",
    },
    # Names and makers.
    "story": {"name": "Story", "by": ["Ann Lee"], "popularity": 10, "related": {"artist": ["ann"]}},
    "story-mix": {"name": "Story by Ann, Story by Lee, Story by Story", "by": ["DJ Mix"]},
    "rhapsody": {
        "name": "Bohemian Rhapsody",
        "by": ["Queen"],
        "popularity": 96,
        "related": {"artist": ["queen"]},
    },
    "boat": {"name": "Bohemian Like You", "by": ["The Dandies"], "popularity": 40},
    # Words that mean the same, and words with endings.
    "cancion": {"name": "Canción Triste", "by": ["Luz"], "language": "es"},
    "slow-jam": {"name": "Waterline", "by": ["Dee"], "categories": ["r&b"]},
    "treadmill": {"name": "Second Wind", "by": ["Eve"], "attributes": ["workout"]},
    # Near in meaning, without a word in common.
    "drizzle": {"name": "Drizzle", "by": ["Fay"], "vector": [0.0, 1.0, 0.0]},
    "umbrella": {"name": "Umbrella", "by": ["Gil"], "vector": [0.0, 0.9, 0.1]},
    "rain-dance": {"name": "Rain Dance Rain", "by": ["Hal"], "vector": [1.0, 0.0, 0.1]},
    "rain-waltz": {
        "name": "A Slow Waltz for the Days When There Is Rain",
        "by": ["Ida"],
        "vector": [0.1, 0.9, 0.0],
        "type": "album",
    },
    # Dates.
    "pop-now": {
        "name": "Paper Tides",
        "by": ["Jo"],
        "categories": ["pop"],
        "attributes": ["dance"],
        "published": "2026-10-01",
    },
    "pop-then": {"name": "Pop Pop New Pop", "by": ["Kim"], "published": "1979"},
    "pop-soon": {"name": "Pop", "by": ["Lou"], "categories": ["pop"], "published": "2027-01-01"},
    # Collections.
    "evening": {
        "type": "playlist",
        "name": "An Evening In",
        "related": {"songs": ["story", "hello-full"]},
    },
    "morning": {"type": "playlist", "name": "A Morning Out", "related": {"songs": ["drizzle"]}},
    # Only people know what is asked for here.
    "ship": {"name": "My Heart", "by": ["Mo"], "predicted_queries": ["slow song of the ship film"]},
    "iceberg": {"name": "Cold Water", "by": ["Nia"]},
}
OBSERVED = {"the mélody with the iceberg": [("iceberg", 0.8)]}


class Shelf:
    """The shelf in a cluster; asks one strategy at a time."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._strategies: dict[str, Strategy] = {
            strategy.name: strategy for strategy in load_strategies(FOLDER)
        }

    def fill(self) -> None:
        """Make the indexes and store what is on the shelf."""
        cluster = self._cluster
        apply(FOLDER, cluster, AssetValues(cluster.namespace, "", 3, enrichment="client"))
        vector = load_schema(FOLDER).vector
        lines: list[Any] = []
        for id, entity in ENTITIES.items():
            lines.append({"index": {"_index": cluster.name("entities"), "_id": id}})
            lines.append({"type": "song", vector: [0.6, -0.8, 0.0], "popularity": 1} | entity)
        for text, chosen in OBSERVED.items():
            key = memory_key(text)
            lines.append({"index": {"_index": cluster.name("memory"), "_id": key}})
            references = [{"id": id, "score": score} for id, score in chosen]
            lines.append({"memory_key": key, "text": text, "references": references})
        answer = cluster.lines("POST", "/_bulk", lines, params={"refresh": "true"})
        assert not answer["errors"], answer

    def stems(self, text: str) -> list[set[str]]:
        """What a query of ``text`` looks for, word by word."""
        body = {"analyzer": "stemmed_with_synonyms", "text": text}
        path = f"/{self._cluster.name('entities')}/_analyze"
        found: dict[int, set[str]] = {}
        for token in self._cluster.request("POST", path, body)["tokens"]:
            found.setdefault(token["position"], set()).add(token["token"])
        return list(found.values())

    def ask(self, strategy: str, text: str = "", **given: Any) -> list[str]:
        """The ids that a strategy brings, best first."""
        chosen = self._strategies[strategy]
        known = {"text": text, "rewritten": text, "now": NOW, "size": 10, "filters": [], **given}
        wanted = chosen.reads | {"size", "filters"}
        params = {name: value for name, value in known.items() if name in wanted and value != ""}
        names = ",".join(self._cluster.name(index) for index in chosen.indexes)
        body = {"id": self._cluster.name(strategy), "params": params}
        hits = self._cluster.request("POST", f"/{names}/_search/template", body)["hits"]["hits"]
        return [hit.id for hit in merged(hits, 10)]
