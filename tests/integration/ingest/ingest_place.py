"""Where the tests of ingest work; on the path because ``conftest.py`` is beside it."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.cluster import Cluster


@dataclass(frozen=True)
class Place:
    """A cluster with our assets, and the environment in which `ltrr` finds it."""

    cluster: Cluster
    environment: dict[str, str]
