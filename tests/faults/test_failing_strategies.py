"""Strategies that hang or are broken: no page is refused while one of them works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_corner import Corner
from killing_proxy import Passed, Proxy
from sidecars import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

STRATEGIES = sorted(folder.name for folder in (ROOT / "opensearch" / "strategies").iterdir())


@contextmanager
def hanging(url: str, *what: str) -> Iterator[Proxy]:
    """A way to the node on which searches that hold any of ``what`` are not answered."""
    end = threading.Event()

    def hangs(one: Passed) -> bool:
        if "_msearch" in one.path and any(part.encode() in one.body for part in what):
            end.wait(60)
        return False

    proxy = Proxy(url, fatal=hangs)
    try:
        yield proxy
    finally:
        end.set()
        proxy.close()


def test_one_strategy_hangs(corner: Corner, tmp_path: Path) -> None:
    """The others make every page, within the budget; and in the end it is left alone."""
    namespace = corner.sidecar.settings["LTRR_NAMESPACE"]
    with hanging(corner.way.url, f'"{namespace}-lexical"') as proxy:
        settings = {"OPENSEARCH_URL": proxy.url, "LTRR_WORKERS": "1", "LTRR_BUDGET_MS": "3000"}
        with corner.beside(tmp_path, **settings) as one:
            with one.load() as load:
                load.goes_on(30)
            assert load.ledger.refused == []
            errors = one.sidecar.figure('strategy_errors_total{strategy="lexical"}')
            assert errors is not None
            assert errors >= 5
            assert one.sidecar.figure('strategy_circuit{strategy="lexical"}') != 0
            corner.check()


def test_all_strategies_but_one_hang_at_once(corner: Corner, tmp_path: Path) -> None:
    """From the first page on, which nobody could foresee, somebody is answered."""
    namespace = corner.sidecar.settings["LTRR_NAMESPACE"]
    hang = [f'"{namespace}-{name}"' for name in STRATEGIES if name != "lexical"]
    with hanging(corner.way.url, *hang) as proxy:
        settings = {"OPENSEARCH_URL": proxy.url, "LTRR_WORKERS": "1", "LTRR_BUDGET_MS": "3000"}
        with corner.beside(tmp_path, **settings) as one:
            with one.load(people=2) as load:
                load.goes_on(20, within_s=150)
            assert load.ledger.refused == []
            corner.check()


def test_all_strategies_but_one_are_broken(corner: Corner) -> None:
    with corner.sidecar.cluster() as cluster:
        scripts = [cluster.name(name) for name in STRATEGIES if name != "lexical"]
        kept = {script: cluster.get(f"/_scripts/{script}")["script"] for script in scripts}
        try:
            for script in scripts:
                cluster.request("DELETE", f"/_scripts/{script}")
            with corner.load() as load:
                load.goes_on(30)
        finally:
            for script, template in kept.items():
                cluster.request("PUT", f"/_scripts/{script}", {"script": template})
    assert load.ledger.refused == []
    corner.check()
