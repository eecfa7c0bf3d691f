"""What hydration reads of when entities were published is what ranking and arranging count with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from shelf import FOLDER

from bandit_service.arranging.newness import newness
from bandit_service.ranking.base import RankingContext
from bandit_service.ranking.features import table
from plugin.assets.planning import apply
from plugin.assets.schema import load_schema
from plugin.assets.values import AssetValues
from plugin.cluster import Cluster
from plugin.hydration import RANKED, Extras, Hydrated, hydrate
from plugin.model import Candidate, Slot

pytestmark = pytest.mark.integration
SCHEMA = load_schema(FOLDER)
NOW = datetime(2026, 11, 28, tzinfo=UTC)
PUBLISHED = {"new": "2026-11-27T12:30:00.250Z", "old": "1961-05", "undated": None}


@pytest.fixture
def hydrated(cluster: Cluster) -> Hydrated:
    """Those of PUBLISHED, ``old`` past the first 200."""
    apply(FOLDER, cluster, AssetValues(cluster.namespace, "", 3, enrichment="client"))
    for id, date in PUBLISHED.items():
        entity = {"type": "song", "name": id} | ({"published": date} if date else {})
        path = f"/{cluster.name('entities')}/_doc/{id}"
        cluster.request("PUT", path, entity, params={"refresh": "true"})
    ids = ["new", "undated", *(f"gone-{at}" for at in range(RANKED)), "old"]
    return hydrate(cluster, SCHEMA, ids, (), show=(), extras=Extras(values=("published",)))


def test_dates_are_read_as_milliseconds(hydrated: Hydrated) -> None:
    new = datetime(2026, 11, 27, 12, 30, 0, 250_000, tzinfo=UTC)
    assert hydrated.ranking["new"]["published"] == [round(new.timestamp() * 1000)]
    assert "published" not in hydrated.values["undated"]
    old = datetime(1961, 5, 1, tzinfo=UTC)
    assert hydrated.values["old"]["published"] == [old.timestamp() * 1000]


def test_what_is_new_is_fresh_for_the_ranker(hydrated: Hydrated) -> None:
    context = RankingContext(
        fields=hydrated.values, published="published", now_ms=int(NOW.timestamp() * 1000)
    )
    there = [Candidate(id, 1.0, ()) for id in PUBLISHED]
    new, old, undated = table(there, context).columns["freshness"]
    assert new > 0.99
    assert 0 < old < 0.05
    assert undated == 0


def test_a_wish_for_what_is_new_reads_the_same(hydrated: Hydrated) -> None:
    wish = Slot(0, 1, "new", "recent", "published", "", 0.5)
    factors = newness([wish], hydrated.values, NOW)
    assert factors["new"] > 6
    assert 1 < factors["old"] < 1.2
    assert "undated" not in factors
