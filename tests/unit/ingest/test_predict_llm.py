"""Queries from an OpenAI-compatible endpoint: a real HTTP server that answers well and badly."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ingest.enrichment.generated import MOST_GENERATED
from ingest.enrichment.llm import ANSWER_BYTES, Llm
from plugin.errors import InvalidRequest


class Endpoint:
    """Answers every request by ``answer``; remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b""
        self.hang = threading.Event()
        self.hang.set()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                endpoint.requests.append((self.path, dict(self.headers), json.loads(body)))
                endpoint.hang.wait(10)
                self.send_response(endpoint.status)
                for name, value in endpoint.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(endpoint.body)))
                self.end_headers()
                try:
                    self.wfile.write(endpoint.body)
                except OSError:  # who asked is gone
                    return

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def says(self, content: Any) -> None:
        self.body = json.dumps({"choices": [{"message": {"content": content}}]}).encode()

    def close(self) -> None:
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    opened = Endpoint()
    try:
        yield opened
    finally:
        opened.close()


def test_it_asks_as_that_api_is_asked_and_reads_a_list(endpoint: Endpoint) -> None:
    endpoint.says('["city bike", "dutch bike"]')
    found = Llm(f"{endpoint.address}/#tiny", "s3cret").generate(["Roadster, Gazelle"])
    assert found == [["city bike", "dutch bike"]]
    ((path, headers, body),) = endpoint.requests
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == "Bearer s3cret"
    assert body["model"] == "tiny"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert json.loads(body["messages"][1]["content"]) == "Roadster, Gazelle"


def test_many_texts_come_back_in_their_order(endpoint: Endpoint) -> None:
    endpoint.says('["x"]')
    texts = [f"entity {number}" for number in range(20)]
    assert Llm(endpoint.address).generate(texts) == [["x"]] * 20
    asked = {json.loads(body["messages"][1]["content"]) for _, _, body in endpoint.requests}
    assert asked == set(texts)
    assert "authorization" not in endpoint.requests[0][1]


@pytest.mark.parametrize(
    "content",
    ['```json\n["a b"]\n```', 'Here you are: ["a b", 3, null, {"x": 1}] Enjoy!'],
)
def test_what_stands_around_the_list_and_what_is_no_text_is_left_out(
    endpoint: Endpoint, content: str
) -> None:
    endpoint.says(content)
    assert Llm(endpoint.address).generate(["x"]) == [["a b"]]


def test_more_than_was_asked_for_is_cut(endpoint: Endpoint) -> None:
    endpoint.says(json.dumps([f"query {number}" for number in range(1_000)]))
    (found,) = Llm(endpoint.address).generate(["x"])
    assert found is not None
    assert len(found) == MOST_GENERATED


def wrong_status(endpoint: Endpoint) -> None:
    endpoint.says('["x"]')
    endpoint.status = 500


def redirect(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.headers = 307, {"location": endpoint.address}


def too_much(endpoint: Endpoint) -> None:
    endpoint.says(json.dumps(["x" * ANSWER_BYTES]))


def bomb(endpoint: Endpoint) -> None:
    import zlib

    endpoint.body = zlib.compress(b" " * 20_000_000)
    endpoint.headers = {"content-encoding": "deflate"}


def raw(body: bytes) -> Callable[[Endpoint], None]:
    def answer(endpoint: Endpoint) -> None:
        endpoint.body = body

    return answer


@pytest.mark.parametrize(
    "behaviour",
    [
        wrong_status,
        redirect,
        too_much,
        bomb,
        raw(b""),
        raw(b"<html>"),
        raw(b"[1]"),
        raw(b'{"choices": []}'),
        raw(b'{"choices": [{"message": {"content": null}}]}'),
        raw(b'{"choices": [{"message": {"content": "I cannot do that."}}]}'),
        raw(b'{"choices": [{"message": {"content": "[\\"a\\""}}]}'),
    ],
)
def test_a_bad_answer_is_no_answer(
    endpoint: Endpoint, behaviour: Callable[[Endpoint], None], caplog: pytest.LogCaptureFixture
) -> None:
    behaviour(endpoint)
    caplog.set_level(logging.DEBUG)
    assert Llm(endpoint.address, "s3cret").generate(["x"]) == [None]
    assert len(endpoint.requests) == 1
    assert "s3cret" not in caplog.text


def test_a_hung_endpoint_is_left_after_the_time_out(endpoint: Endpoint) -> None:
    endpoint.says('["x"]')
    endpoint.hang.clear()
    assert Llm(endpoint.address, timeout_s=0.2).generate(["x", "y"]) == [None, None]


def test_an_endpoint_that_is_not_there_is_no_answer(endpoint: Endpoint) -> None:
    endpoint.close()
    assert Llm(endpoint.address).generate(["x"]) == [None]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://host/v1", "LTRR_PREDICTOR"),
        ("host/v1", "LTRR_PREDICTOR"),
        ("https://me:key@host/v1", "LTRR_LLM_KEY"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(
    address: str, reason: str
) -> None:
    with pytest.raises(InvalidRequest, match=reason) as refused:
        Llm(address)
    assert "me:key" not in refused.value.message
