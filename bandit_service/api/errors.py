"""Every error as ``{"error": {"code", "message"}}``, whatever went wrong and wherever."""

from __future__ import annotations

import difflib
import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Flask, Response
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from bandit_service.api.body import TOO_LARGE
from plugin.errors import InvalidRequest, LtrrError, NodeUnavailable, Unavailable

log = logging.getLogger(__name__)

_NODE_AWAY = (
    "OpenSearch does not answer now. Try again. `ltrr status` tells whether it runs, `ltrr up` "
    "starts the embedded node."
)


def json_response(body: object, status: int = 200) -> Response:
    """``body`` as JSON."""
    data = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(data, status, mimetype="application/json")


def error_response(status: int, code: str, message: str) -> Response:
    """An error as our clients expect it."""
    return json_response({"error": {"code": code, "message": message}}, status)


def install(app: Flask) -> None:
    """Answer for every kind of error on ``app``."""
    app.register_error_handler(LtrrError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: LtrrError) -> Response:
    if error.status == 500:
        return _unexpected(error)
    if error.status > 500:
        log.warning("%s: %s", error.code, error.message)
    # The message of a NodeUnavailable holds the cluster's address and what the library said.
    message = _NODE_AWAY if isinstance(error, NodeUnavailable) else error.message
    response = error_response(error.status, error.code, message)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    if status == 413:
        code = "too_large"
        message = TOO_LARGE
    elif status == 404:
        message = "There is no such route. /_ltrr/openapi.json lists those that there are."
    elif status == 405:
        allowed = ", ".join(sorted(set(getattr(error, "valid_methods", None) or ()) - {"OPTIONS"}))
        message = f"This route answers to {allowed or 'another method'} only."
    else:
        message = error.description or code
    response = error_response(status, code, message)
    # Of the library's answer the headers stay (Allow, for one), its HTML does not.
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """Nobody outside learns what it was; the id finds it in the log."""
    error_id = uuid.uuid4().hex[:12]
    log.error("unexpected error %s", error_id, exc_info=error)
    return error_response(
        500, "internal", f"Something went wrong here. The log has it under {error_id}."
    )


def invalid(error: ValidationError, models: Mapping[str, type[BaseModel]]) -> InvalidRequest:
    """What a request's model has to say, as one of our errors.

    ``models`` maps the title of a validation error to the model whose field names are offered for
    misspelt ones.
    """
    model = models.get(error.title)
    said = [
        _sentence(problem["loc"], problem["type"], problem["msg"], model)
        for problem in (error.errors(include_url=False, include_context=False, include_input=False))
    ]
    shown = list(dict.fromkeys(said))
    more = f" (and {len(shown) - 5} more)" if len(shown) > 5 else ""
    return InvalidRequest("; ".join(shown[:5]) + more)


def _sentence(
    loc: tuple[int | str, ...], kind: str, message: str, model: type[BaseModel] | None
) -> str:
    path = ".".join(str(part)[:60] for part in loc) or "the body"
    if kind != "extra_forbidden":
        return f"{path}: {message[:1].lower()}{message[1:]}"
    names = [field.alias or name for name, field in model.model_fields.items()] if model else []
    near = difflib.get_close_matches(str(loc[-1]), names, n=3, cutoff=0.5)
    if near:
        return f"{path}: unknown field; did you mean {' or '.join(near)}?"
    return f"{path}: unknown field; there are {', '.join(names)}"
