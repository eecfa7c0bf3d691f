"""OpenSearch that cannot be reached, or hangs: feedback is taken in all the while."""

from __future__ import annotations

import time

import pytest
from fault_corner import Corner
from ledger import Act, Ledger, Load
from sidecars import wait_until

from ltrr.client import Client
from plugin.errors import NodeUnavailable

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


PAUSE_S = 0.02


def seen_meanwhile(corner: Corner, before: Load, away_s: float) -> Ledger:
    """People still have their pages, and say what they see there, while the node is away."""
    ledger = Ledger()
    corner.ledgers.append(ledger)
    end = time.monotonic() + away_s
    number = 0
    with Client(corner.sidecar.address, timeout_s=20, connections=1) as client:
        while time.monotonic() < end:
            for entry, act in list(before.ledger.sent.items())[:20]:
                number += 1
                query_id, event_id = entry.partition(":")[0], f"away-{number}"
                began = time.monotonic()
                ledger.sent[f"{query_id}:f:{event_id}"] = Act(act.text, act.entity, chose=False)
                event = {"query_id": query_id, "object_id": act.entity, "action": "impression"}
                client.feedback({**event, "event_id": event_id})
                ledger.acknowledged.add(f"{query_id}:f:{event_id}")
                assert time.monotonic() - began < 10, "feedback waits for the node"
                # So many in a minute would be more of one query than the learner takes in.
                time.sleep(PAUSE_S)
    return ledger


@pytest.mark.parametrize("silently", [False, True], ids=["refused", "hanging"])
def test_feedback_is_taken_in_while_the_node_is_away(
    corner: Corner, silently: bool, long: bool
) -> None:
    away_s = 60.0 if long else 5.0
    with corner.load() as load:
        load.goes_on()
    corner.way.cut(silently=silently)
    try:
        meanwhile = seen_meanwhile(corner, load, away_s)
        assert len(meanwhile.acknowledged) >= 20
        with Client(corner.sidecar.address, timeout_s=60) as client:
            assert not client.ready()
            with pytest.raises(NodeUnavailable):
                client.search("lemon soup")
    finally:
        corner.way.mend()
    wait_until(corner.sidecar.ready, "it is ready again")
    with corner.load() as again:
        again.goes_on()
    corner.check()
