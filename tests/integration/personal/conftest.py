"""A small world that is learnt from; the helpers are the sidecar's and this folder's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugin.cluster import Cluster

if TYPE_CHECKING:
    from learnt_world import LearntWorld

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "sidecar")]


@pytest.fixture
def world(cluster: Cluster, tmp_path: Path) -> Iterator[LearntWorld]:
    """A small world of this test's own, with a learner and what is looked up."""
    from learnt_world import LearntWorld
    from small_world import small_world

    with small_world(cluster, tmp_path) as made:
        yield LearntWorld(made)
