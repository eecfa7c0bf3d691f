"""More requests than a process takes on are refused at once, and it still says that it lives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from bandit_service.api import back_pressure, errors
from bandit_service.gate import Gate
from plugin.errors import Busy


def test_what_does_not_fit_is_refused_at_once() -> None:
    gate = Gate(running=1, in_flight=1, patience_s=60)
    gate.enter()
    with pytest.raises(Busy):
        gate.enter()
    gate.leave()
    gate.enter()
    assert gate.in_flight == 1


def test_whoever_waits_too_long_for_a_turn_gives_the_place_back() -> None:
    gate = Gate(running=1, in_flight=2, patience_s=0.01)
    gate.enter()
    with pytest.raises(Busy, match="turn"):
        gate.enter()
    assert gate.in_flight == 1


class Slow:
    """An application whose only work goes on until the test lets it end."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.end = threading.Event()
        self.gate = Gate(running=2, in_flight=3, patience_s=60)
        self.app = Flask("slow")
        errors.install(self.app)
        back_pressure.install(self.app, self.gate)

        @self.app.get("/work")
        def _work() -> str:
            self.begun.release()
            assert self.end.wait(60)
            return "done"

        @self.app.get("/_ltrr/health")
        def _health() -> str:
            return "alive"


@pytest.fixture
def slow() -> Iterator[Slow]:
    one = Slow()
    yield one
    one.end.set()


def test_a_busy_process_refuses_with_retry_after_and_answers_who_watches(slow: Slow) -> None:
    def ask() -> int:
        return slow.app.test_client().get("/work").status_code

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        for _ in range(2):  # the third waits for its turn
            assert slow.begun.acquire(timeout=10)
        while slow.gate.in_flight < 3:
            pass
        client = slow.app.test_client()
        refused = client.get("/work")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert refused.json is not None
        assert refused.json["error"]["code"] == "busy"
        assert client.get("/_ltrr/health").status_code == 200
        slow.end.set()
        assert [one.result(10) for one in asked] == [200, 200, 200]
    assert slow.gate.in_flight == 0
    assert client.get("/work").status_code == 200


def test_a_request_that_fails_gives_its_place_back(slow: Slow) -> None:
    client = slow.app.test_client()
    for _ in range(5):
        assert client.get("/no-such-route").status_code == 404
    assert slow.gate.in_flight == 0
