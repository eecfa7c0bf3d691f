"""One corner of the shared node for most of these tests, and whether there is time for more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fault_corner import Corner, corner_of

from plugin.engine import Running


@pytest.fixture(scope="session")
def corner(node: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corner]:
    """Its sidecar runs, with two workers; every test leaves it so."""
    with corner_of(node.url, tmp_path_factory.mktemp("faults")) as one:
        yield one


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether there is time to do more, and for longer."""
    return bool(pytestconfig.getoption("--long"))
