"""The model server: what an entity gets, over HTTP, for OpenSearch's ingest pipeline.

It listens on loopback and is asked by the connectors of ML Commons. ``/v1/embeddings`` has OpenAI's
shape, so that their built-in functions (and any client of that API) can talk to it;
``/v1/enrichment`` answers everything beside the vector in one call, because ML Commons calls it
once for every document. One server serves any number of namespaces: a call names its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ingest.enrichment.enrich import Enricher, Extras
from plugin.assets.schema import Schema
from plugin.encoding import Encoder
from plugin.errors import InvalidRequest, LtrrError, TooLarge

BODY_BYTES = 8 * 1024 * 1024
TEXTS = 512
"""Texts in one request; OpenSearch sends 64."""

NAMESPACE = re.compile(r"[a-z0-9][a-z0-9_]{0,40}")

EMBEDDING_FIELDS = {"input", "model", "encoding_format", "dimensions", "user"}


def create_app(
    encoder: Encoder, schema: Schema, enricher_of: Callable[[str], Enricher] | None = None
) -> Flask:
    """The WSGI application, serving vectors of ``encoder`` and what enrichers compute.

    ``enricher_of`` gives the enricher of a namespace, "" being the server's own; without it,
    entities get what needs no artefact.
    """
    plain = Enricher.plain(schema)
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

    def extras(namespace: str, document: Any) -> Extras:
        if not isinstance(document, dict):
            raise InvalidRequest('send {"document": {...}} with the fields of one entity')
        enricher = enricher_of(namespace) if enricher_of else plain
        return enricher.extras([document])[0]

    @app.post("/v1/enrichment")
    def enrichment() -> Response:
        body = _body({"document", "namespace"})
        namespace = body.get("namespace", "")
        if not isinstance(namespace, str) or not (
            namespace == "" or NAMESPACE.fullmatch(namespace)
        ):
            raise InvalidRequest("namespace must be lower-case letters, digits and _")
        found = extras(namespace, body.get("document"))
        return _answer(
            {
                "response": {
                    "memory": found.memory,
                    "queries": found.queries,
                    "sparse": found.sparse,
                }
            }
        )

    @app.post("/v1/predicted_queries")
    def predicted_queries() -> Response:
        # For pipelines of entities without a sparse field.
        found = extras("", _body({"document"}).get("document"))
        return _answer({"response": {"memory": found.memory, "queries": found.queries}})

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
