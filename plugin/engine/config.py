"""What a node of ours reads when it starts: ``opensearch.yml`` and ``jvm.options``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plugin.engine.java import Java
from plugin.engine.ports import LOOPBACK

_MIB = 1 << 20


def node_settings(
    node: Path, http_port: int, transport_port: int, *, ml_commons: bool
) -> dict[str, Any]:
    """The settings of ``opensearch.yml`` for a node whose own folder is ``node``."""
    settings: dict[str, Any] = {
        "cluster.name": "ltrr",
        "node.name": "ltrr",
        "path.data": str(node / "data"),
        "path.logs": str(node / "logs"),
        # There is no security plugin, so nobody outside this machine may ever reach it.
        "network.host": LOOPBACK,
        "http.port": http_port,
        "transport.port": transport_port,
        "discovery.type": "single-node",
        # The usual percentages make indexes read-only on a large disk that is merely well used.
        "cluster.routing.allocation.disk.watermark.low": "1gb",
        "cluster.routing.allocation.disk.watermark.high": "500mb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "250mb",
        # One template a strategy, for each namespace: the usual 75 in five minutes and 100 at a
        # time are soon reached by a few applications (or tests) that share a node.
        "script.context.template.max_compilations_rate": "2000/1m",
        "script.context.template.cache_max_size": 1000,
    }
    if ml_commons:
        settings |= {
            "plugins.ml_commons.only_run_on_ml_node": False,
            "plugins.ml_commons.connector.private_ip_enabled": True,
            "plugins.ml_commons.trusted_connector_endpoints_regex": [
                rf"^http://{re.escape(LOOPBACK)}:[0-9]+/.*$"
            ],
            "plugins.ml_commons.native_memory_threshold": 100,
            "plugins.ml_commons.jvm_heap_memory_threshold": 100,
        }
    return settings


def as_yaml(settings: Mapping[str, Any]) -> str:
    """YAML by way of JSON values, which are YAML too."""
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items())


def jvm_options(template: str, node: Path, java: Java) -> str:
    """The distribution's ``jvm.options``, made to fit this node and this Java.

    Relative paths become the node's own (the working folder is the shared distribution, which
    nobody may write), and the vector module goes where Java does not have it.
    """
    lines = [
        line.replace("file=logs/", f"file={node}/logs/")
        .replace("ErrorFile=logs/", f"ErrorFile={node}/logs/")
        .replace("HeapDumpPath=data", f"HeapDumpPath={node}/logs")
        for line in template.splitlines()
        if java.vector or "jdk.incubator.vector" not in line
    ]
    return "\n".join(lines) + "\n"


def heap_mib(available_bytes: int) -> int:
    """How much heap a node gets: 1 GiB, or half of that where memory is short."""
    return 1024 if available_bytes >= 2500 * _MIB else 512
