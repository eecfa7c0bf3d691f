"""Up, up again, down: a node of its own, driven by the command line.

What is left after it was killed: ``tests/faults/test_killed_node.py``.
"""

from __future__ import annotations

from typing import Any

import psutil
import pytest
from nodes import embedded_engine
from own_node import OwnNode

from plugin.engine.http import Http
from plugin.engine.record import process_of, read_record
from plugin.errors import EngineError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


def test_two_at_once_start_one_node(own_node: OwnNode) -> None:
    one, other = own_node.first
    assert one["pid"] == other["pid"]
    assert sorted([one["started"], other["started"]]) == [False, True]


def test_up_again_changes_nothing(own_node: OwnNode) -> None:
    first, second = own_node.up(), own_node.up()
    assert second == {**first, "started": False}


def test_the_node_runs_without_roots_rights_and_listens_on_loopback_only(own_node: OwnNode) -> None:
    process = psutil.Process(own_node.up()["pid"])
    assert process.uids().effective != 0
    listening = [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
    assert listening
    assert {one.laddr.ip.removeprefix("::ffff:") for one in listening} == {"127.0.0.1"}


def test_down_stops_our_node_and_no_other(own_node: OwnNode, node: Any) -> None:
    own_node.up()
    ours = read_record(own_node.state / "node.json")
    assert process_of(ours) is not None
    assert own_node.run("down") == {"stopped": ["node"]}
    assert process_of(ours) is None
    assert own_node.run("down") == {"stopped": []}
    with Http(node.url) as http:
        assert http.ask("GET", "/") is not None


def test_a_node_that_dies_at_its_start_says_why(own_node: OwnNode) -> None:
    own_node.run("down")
    kept = {path: path.read_bytes() for path in _cluster_state(own_node)}
    for path in kept:
        path.write_bytes(b"not what Lucene wrote")
    with pytest.raises(EngineError, match="died while it started") as caught:
        embedded_engine(own_node.state).up()
    for path, data in kept.items():  # for whoever needs the node after us
        path.write_bytes(data)
    assert "Lucene" in caught.value.message
    assert "The node's data is damaged" in caught.value.message
    assert "console.log" in caught.value.message


def _cluster_state(own_node: OwnNode) -> list[Any]:
    return list((own_node.state / "node" / "data" / "nodes" / "0" / "_state").iterdir())
