"""No strategy, whatever it reads, brings what the filters of a query keep out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import two_sides
from nodes import clean

from plugin.assets import AssetValues
from plugin.assets.files import Assets
from plugin.assets.planning import apply
from plugin.assets.validate import validate
from plugin.cluster import Cluster
from plugin.filters import Filters, fields_of
from plugin.model import Query, Retrieved
from plugin.retrieval import retrieve
from plugin.rewriting import eligible, rewrite
from plugin.strategies import Strategy

pytestmark = pytest.mark.integration

FOLDER = Path(__file__).parents[3] / "opensearch"
STRATEGIES = [strategy.name for strategy in validate(FOLDER).strategies]


@dataclass(frozen=True)
class World:
    """Both sides, stored; asking it carries all strategies out at once."""

    cluster: Cluster
    assets: Assets
    ids: list[str]
    answers: dict[str, dict[str, Retrieved]]

    def filters(self, wanted: dict[str, Any] | None, types: list[str]) -> tuple[Any, ...]:
        fields = fields_of(self.assets.indexes["entities"])
        return Filters(fields, "type").clauses(wanted, types)

    def ask(self, query: Query, strategies: tuple[Strategy, ...]) -> dict[str, Retrieved]:
        chosen = two_sides.choices(strategies)
        lines = rewrite(
            query, chosen, strategies, self.cluster.name, "type", entities=two_sides.seeds()
        )
        found = retrieve(self.cluster, lines, chosen, filters=query.filters)
        return {result.strategy: result for result in found}


@pytest.fixture(scope="module")
def world(node: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = Path(shutil.copytree(FOLDER, tmp_path_factory.mktemp("assets") / "opensearch"))
    entities = folder / "indexes" / "entities.json"
    index = json.loads(entities.read_text())
    index["mappings"]["properties"]["place"] = {"type": "geo_point"}
    entities.write_text(json.dumps(index))
    cluster = Cluster(node.url, "filters-of-strategies", timeout_s=60)
    try:
        values = AssetValues(cluster.namespace, "", two_sides.DIMENSIONS, enrichment="client")
        apply(folder, cluster, values)
        assets = validate(folder, values)
        yield World(cluster, assets, two_sides.fill(cluster, assets), {})
    finally:
        clean(cluster)
        cluster.close()


def answers(world: World, condition: str) -> dict[str, Retrieved]:
    """What every strategy brings under one condition, asked once for all tests."""
    if condition not in world.answers:
        types = two_sides.types_of(world.assets.strategies)
        wanted = two_sides.CONDITIONS.get(condition)
        clauses = world.filters(wanted, types if condition == "types" else [])
        query = two_sides.asked(world.assets, world.ids, clauses)
        found = world.ask(query, world.assets.strategies)
        silent = replace(query, text="", memory_key="", says_nothing=True, slots=(), vector=None)
        fitting = eligible(world.assets.strategies, silent).strategies
        found |= {
            f"{name} without words": result for name, result in world.ask(silent, fitting).items()
        }
        world.answers[condition] = found
    return world.answers[condition]


@pytest.mark.parametrize("condition", [*two_sides.CONDITIONS, "types"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_only_what_passes_the_filters_comes_back(
    world: World, strategy: str, condition: str
) -> None:
    found = answers(world, condition)
    ways = [name for name in (strategy, f"{strategy} without words") if name in found]
    assert strategy in ways
    for way in ways:
        result = found[way]
        assert result.error is None
        ids = [hit.id for hit in result.hits]
        if condition == "types":
            assert not [id for id in ids if two_sides.OTHER_TYPE in id]
        else:
            assert [id for id in ids if id.startswith("forbidden")] == []
            assert [id for id in ids if id.startswith("allowed")] != [], way


def test_without_filters_the_forbidden_ones_win(world: World) -> None:
    """Else the tests above would hold for want of a reason to leak."""
    query = two_sides.asked(world.assets, world.ids, ())
    found = world.ask(query, world.assets.strategies)
    winning = {
        name: sum(hit.id.startswith("forbidden") for hit in result.hits)
        for name, result in found.items()
    }
    assert all(count > 0 for count in winning.values()), winning
