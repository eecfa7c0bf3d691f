"""The small client turns everything that can go wrong into one of our errors."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from ltrr.client import Client
from plugin import errors


def app(seen: list[Any]) -> Flask:
    app = Flask("answers")

    @app.post("/_ltrr/search")
    def search() -> Any:
        seen.append(request.get_json())
        status = {"bad": 400, "gone": 404, "away": 503, "odd": 418}.get(request.json["query"])
        if status == 503:
            return jsonify(error={"code": "missing_index", "message": "run `ltrr apply`"}), 503
        if status:
            return "plain words", status
        if request.json["query"] == "html":
            return "<html>"
        return {"hits": []}

    @app.post("/_ltrr/feedback")
    def feedback() -> tuple[Response, int]:
        seen.append(request.get_json())
        return Response(), 202

    @app.get("/_ltrr/explain/<query_id>")
    def explain(query_id: str) -> dict[str, Any]:
        return {"query_id": query_id, "session": request.args.get("session")}

    @app.post("/_ltrr/suggest")
    def suggest() -> dict[str, Any]:
        seen.append(request.get_json())
        return {"suggestions": [{"text": "love"}], "took_ms": 1.0}

    @app.route("/_ltrr/rules/<rule_id>", methods=["PUT", "DELETE"])
    def rule(rule_id: str) -> Any:
        seen.append((request.method, rule_id, request.headers.get("Authorization")))
        return {"id": rule_id, **(request.get_json(silent=True) or {})}

    @app.get("/_ltrr/rules")
    def rules() -> dict[str, Any]:
        return {"rules": [{"id": "a"}]}

    @app.get("/_ltrr/ready")
    def ready() -> dict[str, Any]:
        return {"ready": True}

    return app


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
def client(seen: list[Any]) -> Iterator[Client]:
    server = make_server("127.0.0.1", 0, app(seen))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with Client(f"http://127.0.0.1:{server.server_port}/") as client:
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def test_options_that_are_none_are_left_out(client: Client, seen: list[Any]) -> None:
    client.search("x", from_=20, user=None, size=5)
    assert seen == [{"query": "x", "from": 20, "size": 5}]


def test_one_event_or_a_list_and_an_empty_answer(client: Client, seen: list[Any]) -> None:
    assert client.feedback({"action": "like"}) == {}
    client.feedback([{"action": "like"}])
    assert seen == [{"action": "like"}, [{"action": "like"}]]


def test_ids_are_escaped(client: Client) -> None:
    assert client.explain("a b", session="s&x") == {"query_id": "a b", "session": "s&x"}


def test_our_own_errors_come_back_as_what_they_are(client: Client) -> None:
    with pytest.raises(errors.MissingIndex, match="ltrr apply"):
        client.search("away")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("bad", errors.InvalidRequest),
        ("gone", errors.NotFound),
        ("odd", errors.LtrrError),
        ("html", errors.Unavailable),
    ],
)
def test_other_answers_become_the_error_of_their_status(
    client: Client, query: str, kind: type[errors.LtrrError]
) -> None:
    with pytest.raises(kind):
        client.search(query)


def test_nobody_there_says_how_to_start_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        with Client(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            assert not client.ready()
            with pytest.raises(errors.Unavailable, match="ltrr serve"):
                client.search("x")


def test_ready_is_true_once_it_answers(client: Client) -> None:
    assert client.ready()


@pytest.mark.parametrize("url", ["", "127.0.0.1:8642", "ftp://x", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(errors.InvalidRequest, match="8642"):
        Client(url)


def test_suggestions_and_rules_are_asked_for_and_changed(client: Client, seen: list[Any]) -> None:
    assert client.suggest("lo", size=3, types=None) == [{"text": "love"}]
    assert seen.pop() == {"query": "lo", "size": 3}
    assert client.rules() == [{"id": "a"}]
    assert client.put_rule("a b", {"action": "block"}) == {"id": "a b", "action": "block"}
    assert seen.pop() == ("PUT", "a b", None)
    with Client(client.url, token="sesame") as admin:
        admin.delete_rule("a")
    assert seen.pop() == ("DELETE", "a", "Bearer sesame")
