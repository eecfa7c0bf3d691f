"""What the figures count, and that nothing which a person sent stands in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from bandit_service.metrics import GAUGES, Metrics
from plugin.model import Hit, Retrieved


def values(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Sample name and label values, in the order of the labels' names → value."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_pages_count_by_strategy_what_failed_and_what_brought_nothing() -> None:
    metrics = Metrics()
    found = (Hit("a", 1.0),)
    metrics.page([Retrieved("lexical", found, 30.0), Retrieved("dense", error="boom")], ["dense"])
    metrics.page([Retrieved("lexical", (), 8.0)], [])
    metrics.page([Retrieved("lexical", found, 8.0, error="1 shards failed")], ["lexical"])
    told = values(metrics)
    assert told["ltrr_strategy_seconds_count", "lexical"] == 3
    assert told["ltrr_strategy_seconds_sum", "lexical"] == 0.046
    assert told["ltrr_strategy_seconds_bucket", "0.01", "lexical"] == 2
    assert told["ltrr_strategy_empty_total", "lexical"] == 1
    assert told["ltrr_strategy_errors_total", "dense"] == 1
    assert told["ltrr_strategy_errors_total", "lexical"] == 1
    assert told["ltrr_degraded_total", "dense"] == 1
    assert ("ltrr_strategy_seconds_count", "dense") not in told


def test_requests_count_by_route_and_status_and_gauges_say_how_things_are() -> None:
    metrics = Metrics()
    metrics.request("/_ltrr/search", "POST", 200, 0.03)
    metrics.request("/_ltrr/search", "POST", 429, 0.001)
    metrics.now(dict.fromkeys(GAUGES, 7.0), {"dense": "open", "lexical": "closed"})
    metrics.learnt({"choice": 3, "late": 1})
    told = values(metrics)
    assert told["ltrr_learnt_entries", "late"] == 1
    assert told["ltrr_requests_total", "POST", "/_ltrr/search", "200"] == 1
    assert told["ltrr_requests_total", "POST", "/_ltrr/search", "429"] == 1
    assert told["ltrr_request_seconds_count", "/_ltrr/search"] == 2
    assert told["ltrr_strategy_circuit", "dense"] == 2
    assert told["ltrr_strategy_circuit", "lexical"] == 0
    assert all(told[(f"ltrr_{name}",)] == 7.0 for name in GAUGES)


_WORKER = """
from bandit_service.metrics import Metrics
metrics = Metrics()
metrics.request("/_ltrr/search", "POST", 200, 0.1)
metrics.now({"spool_bytes": 10, "snapshot_age_seconds": AGE}, {"dense": STATE})
print(metrics.text().decode())
"""


def test_one_process_answers_for_all(tmp_path: Path) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    told = ""
    for age, state in (("3", "'open'"), ("1", "'closed'")):
        code = _WORKER.replace("AGE", age).replace("STATE", state)
        told = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        ).stdout
    lines = told.splitlines()
    assert 'ltrr_requests_total{method="POST",route="/_ltrr/search",status="200"} 2.0' in lines
    assert "ltrr_spool_bytes 20.0" in lines
    assert "ltrr_snapshot_age_seconds 3.0" in lines
    assert 'ltrr_strategy_circuit{strategy="dense"} 2.0' in lines
