"""The model server: vectors and predicted queries over HTTP, for OpenSearch's ingest pipeline.

It listens on loopback and is asked by the connectors of ML Commons. ``/v1/embeddings`` has OpenAI's
shape, so that their built-in functions (and any client of that API) can talk to it.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ingest.enrichment.queries import predict
from plugin.assets.schema import Schema
from plugin.encoding import Encoder
from plugin.errors import InvalidRequest, LtrrError, TooLarge

BODY_BYTES = 8 * 1024 * 1024
TEXTS = 512
"""Texts in one request; OpenSearch sends 64."""

EMBEDDING_FIELDS = {"input", "model", "encoding_format", "dimensions", "user"}


def create_app(encoder: Encoder, schema: Schema) -> Flask:
    """The WSGI application, serving vectors of ``encoder`` and queries predicted by ``schema``."""
    app = Flask("ltrr-model-server")
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES

    @app.post("/v1/embeddings")
    def embeddings() -> Response:
        texts = _texts(_body(EMBEDDING_FIELDS), encoder)
        vectors = encoder.encode(texts)
        return _answer(
            {
                "object": "list",
                "model": encoder.version,
                "data": [
                    {"object": "embedding", "index": index, "embedding": vector}
                    for index, vector in enumerate(vectors)
                ],
            }
        )

    @app.post("/v1/predicted_queries")
    def predicted_queries() -> Response:
        document = _body({"document"}).get("document")
        if not isinstance(document, dict):
            raise InvalidRequest('send {"document": {...}} with the fields of one entity')
        predictions = predict(document, schema)
        return _answer(
            {
                "response": {
                    "memory": {one.key: one.score for one in predictions},
                    "queries": [one.query for one in predictions],
                }
            }
        )

    @app.get("/health")
    def health() -> Response:
        return _answer(
            {"status": "ok", "encoder": encoder.version, "dimensions": encoder.dimensions}
        )

    app.register_error_handler(LtrrError, _ltrr_error)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _body(known: set[str]) -> dict[str, Any]:
    try:
        body = orjson.loads(request.get_data(cache=False))
    except RequestEntityTooLarge:
        raise TooLarge(f"the body has more than {BODY_BYTES} bytes: send fewer texts") from None
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise InvalidRequest("the body must be a JSON object")
    unknown = sorted(set(body) - known)
    if unknown:
        raise InvalidRequest(f"unknown field {unknown[0]!r}: known are {', '.join(sorted(known))}")
    return body


def _texts(body: dict[str, Any], encoder: Encoder) -> list[str]:
    texts = body.get("input")
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list) or not texts:
        raise InvalidRequest("input must be a text or a list of texts, at least one")
    if len(texts) > TEXTS:
        raise TooLarge(f"input has {len(texts)} texts: send at most {TEXTS} at a time")
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise InvalidRequest(f"input[{position}] must be a text, not {type(text).__name__}")
    if body.get("encoding_format", "float") != "float":
        raise InvalidRequest("encoding_format must be float")
    if body.get("dimensions", encoder.dimensions) != encoder.dimensions:
        raise InvalidRequest(f"dimensions must be {encoder.dimensions}: the model has no other")
    model = body.get("model", encoder.version)
    if model not in (encoder.version, encoder.version.partition("@")[0]):
        raise InvalidRequest(f"only {encoder.version} is served: leave model out")
    return texts


def _answer(body: Any, status: int = 200) -> Response:
    payload = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(payload, status=status, mimetype="application/json")


def _ltrr_error(error: LtrrError) -> Response:
    return _answer({"error": {"code": error.code, "message": error.message}}, error.status)


def _http_error(error: HTTPException) -> Response:
    code = (error.name or "error").lower().replace(" ", "_")
    message = error.description or error.name or ""
    return _answer({"error": {"code": code, "message": message}}, error.code or 500)
