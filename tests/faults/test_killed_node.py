"""``kill -9`` of OpenSearch under load: what was acknowledged before and after is learnt, once."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from fault_corner import corner_of
from nodes import embedded_engine, open_folder

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_a_node_that_is_killed_under_load(tmp_path: Path) -> None:
    with open_folder() as state:
        engine = embedded_engine(state)
        try:
            running = engine.up()
            with corner_of(running.url, tmp_path) as corner:
                with corner.load() as load:
                    load.goes_on()
                    assert running.pid is not None
                    psutil.Process(running.pid).kill()
                    assert engine.up().url == running.url
                    load.goes_on(within_s=120)
                corner.check()
        finally:
            engine.down()
