"""The door to OpenSearch turns every exception of the client library into one of ours."""

import inspect
import socket
import threading

import opensearchpy.exceptions
import pytest

from plugin.cluster import Cluster, ResponseError, translated
from plugin.errors import InvalidRequest, LtrrError, MissingIndex, NodeUnavailable


def _library_exceptions() -> list[type[Exception]]:
    return [
        kind
        for _, kind in inspect.getmembers(opensearchpy.exceptions, inspect.isclass)
        if issubclass(kind, opensearchpy.exceptions.OpenSearchException)
    ]


@pytest.mark.parametrize("kind", _library_exceptions())
def test_no_exception_of_the_library_gets_through(kind: type[Exception]) -> None:
    # Transport errors carry (status, text, info); the others take any text.
    with pytest.raises(LtrrError), translated("http://somewhere"):
        raise kind(500, "boom", {})


def _transport(status: int, kind: str) -> Exception:
    info = {"error": {"root_cause": [{"type": kind, "reason": "because"}]}}
    return opensearchpy.exceptions.TransportError(status, kind, info)


@pytest.mark.parametrize(
    ("status", "kind", "ours"),
    [
        (404, "index_not_found_exception", MissingIndex),
        (429, "circuit_breaking_exception", NodeUnavailable),
        (503, "no_master", NodeUnavailable),
        (401, "security_exception", NodeUnavailable),
        (403, "cluster_block_exception", ResponseError),
        (409, "version_conflict_engine_exception", ResponseError),
    ],
)
def test_a_status_becomes_the_error_that_callers_act_on(
    status: int, kind: str, ours: type[LtrrError]
) -> None:
    with pytest.raises(ours) as caught, translated("http://somewhere"):
        raise _transport(status, kind)
    if isinstance(caught.value, ResponseError):
        assert (caught.value.response_status, caught.value.kind) == (status, kind)


def test_a_node_that_is_not_there_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        cluster = Cluster(f"http://127.0.0.1:{taken.getsockname()[1]}", "t")
        with pytest.raises(NodeUnavailable, match="ltrr up"):
            cluster.get("/")
        cluster.close()


def test_a_value_that_is_not_json_is_refused_before_it_is_sent() -> None:
    cluster = Cluster("http://127.0.0.1:1", "t")
    with pytest.raises(InvalidRequest, match="JSON"):
        cluster.lines("POST", "/_bulk", [{"x": object()}])
    cluster.close()


def test_an_address_must_be_http() -> None:
    with pytest.raises(InvalidRequest, match="http://"):
        Cluster("localhost:9200", "t")


def test_an_answer_that_is_not_json_is_told_with_its_beginning() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_once, args=(server, b'{"half": '), daemon=True).start()
        cluster = Cluster(f"http://127.0.0.1:{server.getsockname()[1]}", "t")
        with pytest.raises(ResponseError, match="half"):
            cluster.get("/")
        cluster.close()


def _answer_once(server: socket.socket, body: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
