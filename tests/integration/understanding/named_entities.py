"""A handful of named entities on a node, a follower of them, and the structured strategy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plugin.assets.schema import load_schema
from plugin.assets.validate import validate
from plugin.assets.values import resolve
from plugin.cluster import Cluster
from plugin.model import Choice, Clause, Query
from plugin.retrieval import merged
from plugin.rewriting import eligible, rewrite
from plugin.strategies import load_strategies
from plugin.understanding.following import VocabularyFollower
from plugin.understanding.wording import load_wording

FOLDER = Path(__file__).parents[3] / "opensearch"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIZE = 8
ASKED = ("structured", "lexical")

ENTITIES: dict[str, dict[str, Any]] = {
    "taylor": {"type": "artist", "name": "Taylor Swift", "popularity": 100},
    "love-story": {"name": "Love Story", "by": ["Taylor Swift"], "popularity": 90},
    "lover": {"name": "Lover", "by": ["Taylor Swift"], "popularity": 85},
    "crazier": {"name": "A Love That Is Crazier", "by": ["Taylor Swift"], "popularity": 15},
    "willow": {"name": "willow", "by": ["Taylor Swift"], "popularity": 80},
    "love": {"name": "Love", "by": ["Lana"], "popularity": 60},
    "love-me": {"name": "Love Me Do", "by": ["The Beatles"], "popularity": 70},
    "true-love": {"name": "True Love, Love", "by": ["Bing"], "popularity": 20},
    "beatles": {"type": "artist", "name": "The Beatles", "popularity": 99},
    "submarine": {"name": "Yellow Submarine", "by": ["The Beatles"], "popularity": 75},
    "drake": {"type": "artist", "name": "Drake", "popularity": 97},
    "plan": {"name": "God's Plan", "by": ["Drake"], "popularity": 88},
    "beats": {"name": "Type of Beats", "by": ["Mo"], "popularity": 2},
    "pop-now": {
        "name": "Paper Tides",
        "by": ["Jo"],
        "categories": ["pop"],
        "published": "2026-10-01",
        "popularity": 3,
    },
    "pop-then": {
        "name": "Seven Seas",
        "by": ["Kim"],
        "categories": ["pop"],
        "published": "1981-01-01",
        "popularity": 3,
    },
    "case": {
        "type": "podcast",
        "name": "The Locked Allotment",
        "categories": ["true crime"],
        "popularity": 10,
    },
    "history": {"type": "podcast", "name": "Old Maps", "categories": ["history"], "popularity": 10},
    "crime-song": {"name": "Crime of the Century", "by": ["Ro"], "popularity": 30},
    "summer": {
        "name": "Mar Azul",
        "by": ["Luz"],
        "attributes": ["summer"],
        "language": "es",
        "popularity": 12,
    },
    "winter": {"name": "Cold Sea", "by": ["Luz"], "attributes": ["winter"], "popularity": 12},
}


class NamedEntities:
    """The entities in a cluster; ``follower`` reads them, ``ask`` asks one strategy."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self._strategies = load_strategies(FOLDER)

    def fill(self) -> None:
        """Make the index and the templates that are asked here, and store the entities."""
        self.make_index(1)
        for strategy in self._strategies:
            if strategy.name in ASKED:
                script = {"lang": "mustache", "source": strategy.template}
                place = f"/_scripts/{self.cluster.name(strategy.name)}"
                self.cluster.request("PUT", place, {"script": script})
        self.put(ENTITIES)

    def make_index(self, number: int) -> None:
        """The real index of entities, with the alias, under this number; nothing is enriched."""
        values = {"namespace": self.cluster.namespace, "dimensions": 3}
        index = resolve(validate(FOLDER).indexes["entities"], values.get)
        index["settings"]["index"].pop("default_pipeline", None)
        del index["index"]
        self.cluster.request("PUT", f"/{self.index(number)}", index)

    def index(self, number: int) -> str:
        """The index of that number behind the alias."""
        return f"{self.cluster.name('entities')}-{number:06}"

    def put(self, entities: Mapping[str, Mapping[str, Any]], *, refresh: bool = True) -> None:
        """Store entities; they are songs unless they say otherwise."""
        vector = load_schema(FOLDER).vector
        lines: list[Any] = []
        for id, entity in entities.items():
            lines.append({"index": {"_index": self.cluster.name("entities"), "_id": id}})
            lines.append({"type": "song", "language": "en", vector: [0.6, -0.8, 0.0], **entity})
        params = {"refresh": "true"} if refresh else {}
        answer = self.cluster.lines("POST", "/_bulk", lines, params=params)
        assert not answer["errors"], answer

    def follower(self) -> VocabularyFollower:
        """One of this host; its clock stands still, so that it never rests."""
        schema = load_schema(FOLDER)
        wording = load_wording(FOLDER, schema)
        return VocabularyFollower(self.cluster, schema, wording, self.folder, clock=lambda: 0.0)

    def query(self, text: str, follower: VocabularyFollower, *filters: Clause) -> Query:
        """The query as it travels, read by ``follower``."""
        reading = follower.reader.read(text)
        return Query(
            reading.text,
            reading.memory_key,
            NOW,
            filters=filters,
            says_nothing=reading.says_nothing,
            slots=reading.slots,
            corrected=reading.corrected,
            rest=reading.rest,
        )

    def ask(self, strategy: str, query: Query) -> list[str]:
        """The ids that a strategy brings, best first; none if it is not eligible."""
        (chosen,) = (one for one in self._strategies if one.name == strategy)
        if not eligible([chosen], query).strategies:
            return []
        choice = Choice(strategy, 1.0, 1.0, True, SIZE, 1.0)
        lines = rewrite(query, [choice], [chosen], self.cluster.name, load_schema(FOLDER).type)
        (answer,) = self.cluster.lines("POST", "/_msearch/template", lines)["responses"]
        return [hit.id for hit in merged(answer["hits"]["hits"], SIZE)]
