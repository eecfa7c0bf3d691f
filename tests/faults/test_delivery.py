"""Feedback that comes twice, elsewhere, out of order, and by clocks that jump."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fault_corner import Corner

from ltrr.client import Client

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


class Courier:
    """Delivers every event several times, late, and in another order than it was given."""

    def __init__(self) -> None:
        self._rng = random.Random(7)
        self._lock = threading.Lock()
        self._bag: list[dict[str, Any]] = []
        self.delivered = 0

    def __call__(self, client: Client, event: dict[str, Any]) -> None:
        # Whoever gives an event away is told that it arrived only once it has.
        client.feedback(event)
        with self._lock:
            self._bag += [event, event]
            self._rng.shuffle(self._bag)
            again, self._bag = self._bag[:2], self._bag[2:]
            self.delivered += len(again)
        client.feedback(again)


def test_what_is_delivered_twice_and_out_of_order_counts_once(corner: Corner) -> None:
    courier = Courier()
    with corner.load(send=courier) as load:
        load.goes_on(60)
    assert courier.delivered > 100
    corner.check()


class WrongClock:
    """Stamps events with times that are years apart, forwards and backwards."""

    def __init__(self) -> None:
        self._rng = random.Random(8)

    def __call__(self, client: Client, event: dict[str, Any]) -> None:
        days = self._rng.choice((-4000, -1, 0, 0, 1, 4000))
        stamp = datetime.now(UTC) + timedelta(days=days)
        client.feedback({**event, "timestamp": stamp.isoformat()})


def test_what_clients_say_of_the_time_changes_nothing(corner: Corner) -> None:
    with corner.load(send=WrongClock()) as load:
        load.goes_on(40)
    corner.check()
