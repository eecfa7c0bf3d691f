"""The `ltrr` command as a process, in a namespace of a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from plugin.cluster import Cluster

ASSETS = Path(__file__).parents[1] / "opensearch"


def run_ltrr(
    cluster: Cluster, folder: Path, secret: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with the project's assets and its state in ``folder``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LTRR_")},
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": cluster.url,
        "LTRR_NAMESPACE": cluster.namespace,
        "LTRR_ASSETS": str(ASSETS),
        "LTRR_STATE": str(folder / "state"),
        "LTRR_SECRET": secret,
    }
    command = [sys.executable, "-m", "ltrr", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
