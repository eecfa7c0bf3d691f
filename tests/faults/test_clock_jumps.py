"""The wall clock of a host jumps by hours and by years, forwards and backwards, under load."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fault_corner import Corner

from ltrr.client import Client

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

YEAR_S = 31_536_000
HERE = Path(__file__).parent


def test_a_clock_that_jumps_loses_nothing(corner: Corner, tmp_path: Path) -> None:
    clock = tmp_path / "clock"

    def set_to(offset_s: int) -> None:
        # Whole at every moment: somebody reads it all the time.
        (tmp_path / "next").write_text(str(offset_s))
        (tmp_path / "next").replace(clock)

    set_to(0)
    elsewhere = {"PYTHONPATH": str(HERE / "jumping_clock"), "LTRR_TEST_CLOCK": str(clock)}
    assert "PYTHONPATH" not in os.environ
    with corner.beside(tmp_path, LTRR_WORKERS="1", **elsewhere) as jumping:
        stamps = []
        with jumping.load(people=2) as load, Client(jumping.sidecar.address) as client:
            for offset_s in (0, 3600, -3600, YEAR_S, -YEAR_S):
                set_to(offset_s)
                load.goes_on(6)
                page = client.search("lemon soup", session="who looks", learn=False)
                told = client.explain(page["query_id"], session="who looks")
                stamps.append(told["decision"]["recorded_at"] // 1000)
        # The clock of the process did jump.
        assert stamps[1] - stamps[2] > 3600
        assert stamps[3] - stamps[4] > YEAR_S
        assert load.ledger.refused == []
        corner.check()
