"""A library of invented works, loaded as `ltrr ingest` loads; on the path of the tests here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.bulk import Loader, Target
from ingest.sources.base import BadLine, Document
from ltrr.enriching import make_enricher
from ltrr.settings import Settings
from plugin.assets import AssetValues
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.cluster import Cluster
from plugin.encoding import Encoder
from plugin.model import Choice, Query
from plugin.retrieval import retrieve
from plugin.rewriting import rewrite
from plugin.sparse import SparseLookUp
from plugin.strategies import load_strategies
from plugin.understanding import memory_key

ASSETS = Path(__file__).parents[3] / "opensearch"
TITLES = """
rain|rainy|the raining window|puppy|the old dog|gold and cash|money|a melancholy letter|gloomy
automobile|the fast car|ocean|the sea at dawn|physician|my doctor|soccer|football season|bicycle
the forest|a wood of pines|winter|summer|carpet|piano|candle|train|station clock|window|paper boat
lantern|orchard|hammer|engine|market|harbour|mirror|copper|saddle|violet|island|thunder|glacier
desert|ladder|feather|marble|pepper|basket|castle|tunnel|whisper|compass|garden|bridge|kitchen
teacher|soldier|painter|farmer|sailor|baker|lawyer|blanket|pillow|curtain|table|chair|bottle|spoon
monkey|tiger|eagle|salmon|spider|turtle|onion|carrot|lemon|cherry|banana|cheese|butter|coffee
guitar|drum|violin|trumpet|theatre|museum|library|hospital|airport|factory|temple|prison
monday|january|morning|midnight|century|minute|square|circle|triangle|number|letter|sentence
red|blue|green|silver|heavy|light|quick|slow|bitter|sweet|angry|proud|lonely|brave
""".replace("\n", "|").split("|")
TITLES = [title for title in TITLES if title]


class Library:
    """The source: every title twice, as a song and as an album, and whatever is added."""

    def __init__(self, *more: Mapping[str, Any]) -> None:
        self._more = more

    def read(self) -> Iterator[Document | BadLine]:
        for number, title in enumerate(TITLES):
            for kind in ("song", "album"):
                body = {"type": kind, "name": title, "popularity": 1 + number % 50}
                yield Document(f"{kind}-{number}", body, f"line {number}")
        for body in self._more:
            yield Document(str(body["name"]), body, "more")


@dataclass(frozen=True)
class Place:
    """Our indexes in one namespace of the node."""

    cluster: Cluster
    settings: Settings
    encoder: Encoder

    def apply(self) -> None:
        values = AssetValues(
            self.cluster.namespace, "", self.encoder.dimensions, enrichment="client"
        )
        apply(ASSETS, self.cluster, values)

    def load(self, *more: Mapping[str, Any], rebuild: bool = False) -> None:
        schema = load_schema(ASSETS)
        alias = self.cluster.name("entities")
        source = Library(*more)
        settings = replace(self.settings, assets=ASSETS)
        enricher = make_enricher(
            settings, self.cluster, schema, self.encoder, alias, source, rebuild=rebuild
        )
        failed: list[Any] = []
        target = Target(alias, "_none")
        Loader(self.cluster, target, schema, self.encoder, enricher).load(source, failed.append)
        assert not failed, failed[0]

    def version(self) -> str | None:
        """The version of the sparse artefact that is there."""
        found = self.cluster.find(f"/{self.cluster.name('state')}/_doc/sparse")
        return found["_source"]["version"] if found else None


def ask(
    cluster: Cluster, look_up: SparseLookUp, text: str, strategy: str = "sparse", **known: Any
) -> list[str]:
    """The ids that a strategy brings for ``text``, through the stations that a query passes."""
    query = look_up(Query(text, memory_key(text), datetime.now(UTC), **known))
    choice = Choice(strategy, 0.5, 1.0, True, 20, 1.0)
    strategies = load_strategies(ASSETS)
    lines = rewrite(query, [choice], strategies, cluster.name, load_schema(ASSETS).type)
    (found,) = retrieve(cluster, lines, [choice])
    assert found.error is None, found.error
    return [hit.id for hit in found.hits]
