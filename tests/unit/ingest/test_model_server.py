"""The model server's answers, and its refusals: every one a clear 4xx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from ingest.enrichment.enrich import Enricher
from ingest.model_server import BODY_BYTES, create_app
from plugin.assets.schema import Schema
from plugin.encoding.base import Vectors, clean
from plugin.understanding import memory_key

SCHEMA = Schema(
    type="kind",
    name="title",
    text=("title", "maker"),
    vector="v",
    memory="m",
    predicted_queries="p",
    display=("kind", "title", "maker"),
)


class LengthEncoder:
    """The vector of a text is its length and one."""

    dimensions = 2
    version = "length@1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([[len(text), 1.0] for text in clean(texts)], dtype=np.float32)


@pytest.fixture
def client() -> FlaskClient:
    return create_app(LengthEncoder(), SCHEMA).test_client()


def test_embeddings_have_the_shape_of_openais_api_in_the_order_asked(client: FlaskClient) -> None:
    answer = client.post("/v1/embeddings", json={"input": ["a", "bbb"]})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "object": "list",
        "model": "length@1",
        "data": [
            {"object": "embedding", "index": 0, "embedding": [1.0, 1.0]},
            {"object": "embedding", "index": 1, "embedding": [3.0, 1.0]},
        ],
    }


@pytest.mark.parametrize("model", ["length", "length@1"])
def test_one_text_and_the_known_options_are_taken(client: FlaskClient, model: str) -> None:
    body = {"input": "a", "model": model, "encoding_format": "float", "dimensions": 2}
    answer = client.post("/v1/embeddings", json=body)
    assert [entry["embedding"] for entry in answer.get_json()["data"]] == [[1.0, 1.0]]


def test_predicted_queries_are_a_memory_prior_and_their_words(client: FlaskClient) -> None:
    document = {"title": "Roadster", "maker": ["Gazelle"], "kind": None}
    answer = client.post("/v1/predicted_queries", json={"document": document})
    response = answer.get_json()["response"]
    assert response["queries"][0] == "roadster gazelle"
    assert response["memory"][memory_key("Roadster")] == 0.4
    assert set(response["memory"]) == {memory_key(query) for query in response["queries"]}


def test_a_document_without_words_has_an_empty_memory(client: FlaskClient) -> None:
    answer = client.post("/v1/predicted_queries", json={"document": {}})
    assert answer.get_json() == {"response": {"memory": {}, "queries": []}}


def test_enrichment_is_predictions_and_sparse_weights_of_the_namespace_that_asks() -> None:
    class Weighs:
        version = "weighs@1"

        def documents(self, texts: Sequence[str]) -> list[dict[str, float]]:
            return [{text.lower(): 1.5} for text in texts]

        def query(self, text: str) -> dict[str, float]:
            return {}

    weighing = replace(Enricher.plain(SCHEMA), sparse=Weighs())
    enrichers = {"shop": weighing, "": Enricher.plain(SCHEMA)}
    client = create_app(LengthEncoder(), SCHEMA, enrichers.__getitem__).test_client()
    body = {"document": {"title": "Roadster"}}
    answer = client.post("/v1/enrichment", json={**body, "namespace": "shop"})
    response = answer.get_json()["response"]
    assert response["queries"] == ["roadster"]
    assert response["memory"] == {memory_key("Roadster"): 0.4}
    assert response["sparse"] == {"roadster": 1.5}
    assert client.post("/v1/enrichment", json=body).get_json()["response"]["sparse"] == {}


@pytest.mark.parametrize("namespace", [1, "../x", "A", "a" * 42, "a-b/_doc", "*"])
def test_a_namespace_that_is_none_is_refused(client: FlaskClient, namespace: Any) -> None:
    body = {"namespace": namespace, "document": {"title": "Roadster"}}
    answer = client.post("/v1/enrichment", json=body)
    assert answer.status_code == 400
    assert "namespace" in answer.get_json()["error"]["message"]


def test_health_names_the_encoder(client: FlaskClient) -> None:
    assert client.get("/health").get_json() == {
        "status": "ok",
        "encoder": "length@1",
        "dimensions": 2,
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "input must be"),
        ({"input": []}, "at least one"),
        ({"input": 3}, "input must be"),
        ({"input": ["a", None]}, "input\\[1\\] must be a text"),
        ({"input": ["a", " "]}, "text 1 is empty"),
        ({"input": "a", "inptu": "b"}, "unknown field 'inptu'"),
        ({"input": "a", "encoding_format": "base64"}, "must be float"),
        ({"input": "a", "dimensions": 3}, "dimensions must be 2"),
        ({"input": "a", "model": "another"}, "only length@1 is served"),
        ({"input": "a", "model": ["length"]}, "only length@1 is served"),
        (["a"], "must be a JSON object"),
    ],
)
def test_a_wrong_request_for_embeddings_is_told_why(
    client: FlaskClient, body: Any, reason: str
) -> None:
    answer = client.post("/v1/embeddings", json=body)
    assert answer.status_code == 400
    with pytest.raises(ValueError, match=reason):
        raise ValueError(answer.get_json()["error"]["message"])


@pytest.mark.parametrize("body", [{}, {"document": []}, {"document": {}, "more": 1}, 1])
def test_a_wrong_request_for_queries_is_told_why(client: FlaskClient, body: Any) -> None:
    answer = client.post("/v1/predicted_queries", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b'{"input": NaN}', b'{"input": "\\ud83d"}']
)
def test_a_body_that_is_not_json_is_refused(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/v1/embeddings", data=data)
    assert answer.status_code == 400
    assert "not JSON" in answer.get_json()["error"]["message"]


def test_too_many_texts_and_too_many_bytes_are_413(client: FlaskClient) -> None:
    many = client.post("/v1/embeddings", json={"input": ["a"] * 513})
    large = client.post("/v1/embeddings", data=b" " * (BODY_BYTES + 1))
    for answer in (many, large):
        assert answer.status_code == 413
        assert answer.get_json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/embeddings", 405), ("POST", "/health", 405), ("GET", "/nothing", 404)],
)
def test_other_routes_and_methods_are_json_errors(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]
