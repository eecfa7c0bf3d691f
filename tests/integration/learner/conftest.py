from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corner import Corner, make_indexes

from bandit_service.journal.shipper import Shipper
from bandit_service.journal.spool import Spool
from plugin.cluster import Cluster


@pytest.fixture
def corner(cluster: Cluster, tmp_path: Path) -> Iterator[Corner]:
    """Our indexes on the real node, under a namespace of this test's own."""
    make_indexes(cluster)
    spool = Spool(tmp_path / "spool", max_bytes=2**26)
    shipper = Shipper(cluster, spool, dead_letters=tmp_path / "dead-letters.jsonl")
    yield Corner(cluster, spool, shipper)
    shipper.stop(0)
    spool.close()
