"""How soon what people chose is served: the policy and the memory, over HTTP, while others search.

Not a fault, but what is not to suffer from any: it is measured where faults are.
"""

from __future__ import annotations

import time

import pytest
from fault_corner import Corner
from ledger import Act, Ledger
from sidecars import wait_until

from ltrr.client import Client

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SOON_S = 10
SESSIONS = 3
"""That must choose before others see it: the default of LTRR_MEMORY_SESSIONS."""
TEXT, ENTITY = "warm beetroot", "beetroot-pie"


def test_what_enough_sessions_chose_is_served_within_seconds(corner: Corner) -> None:
    ledger = Ledger()
    corner.ledgers.append(ledger)
    with corner.load(people=1) as load, Client(corner.sidecar.address) as client:
        load.goes_on(5)
        before = client.search(TEXT, session="before", learn=False)["policy_version"]
        for number in range(SESSIONS):
            chooses(client, ledger, f"how-soon-{number}")
        began = time.monotonic()

        def remembered() -> bool:
            page = client.search(TEXT, session="somebody else", learn=False)
            brought = {one["strategy"] for hit in page["hits"] for one in hit["provenance"]}
            return "memory" in brought and page["policy_version"] != before

        wait_until(remembered, "memory and policy are served", 60, every_s=0.1)
        took = time.monotonic() - began
    print(f"from choice to memory and policy served: {took:.1f} s")
    assert took <= SOON_S
    corner.check()


def chooses(client: Client, ledger: Ledger, session: str) -> None:
    page = client.search(TEXT, session=session, size=50)
    assert ENTITY in [hit["id"] for hit in page["hits"]]
    entry = f"{page['query_id']}:f:{session}"
    ledger.sent[entry] = Act(TEXT, ENTITY)
    client.feedback(
        {
            "query_id": page["query_id"],
            "object_id": ENTITY,
            "action": "click",
            "event_id": session,
        }
    )
    ledger.acknowledged.add(entry)
