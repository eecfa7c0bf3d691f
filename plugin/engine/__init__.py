"""Where OpenSearch comes from: a node of our own, or a cluster that is already there.

``base`` holds the contract (:class:`~plugin.engine.base.Engine`), ``embedded`` and ``url`` are its
two forms, and ``locate`` tells where a running engine is, without starting anything.
"""

from plugin.engine.base import Engine, Running
from plugin.engine.locating import locate
from plugin.engine.places import Places, find_places

__all__ = ["Engine", "Places", "Running", "find_places", "locate"]
