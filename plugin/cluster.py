"""The one door to OpenSearch: no other module imports the client library.

A :class:`Cluster` speaks in paths and JSON, as OpenSearch's own documentation does, and turns the
library's exceptions into ours. Names of everything we own in the cluster begin with its namespace.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import opensearchpy
import orjson
from opensearchpy import OpenSearch, Urllib3HttpConnection
from opensearchpy.serializer import JSONSerializer

from plugin.errors import InvalidRequest, LtrrError, MissingIndex, NodeLate, NodeUnavailable

# The library logs every answer of 400 and more as a warning. Here each becomes an exception, which
# its caller expects (a 404 of `find`) or reports.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)


class ResponseError(LtrrError):
    """OpenSearch answered with an error status that has no meaning of its own to us.

    ``response_status`` is OpenSearch's status, ``kind`` the type of its root cause.
    """

    code = "opensearch"

    def __init__(self, message: str, response_status: int, kind: str) -> None:
        super().__init__(message)
        self.response_status = response_status
        self.kind = kind


class _OrjsonSerializer(JSONSerializer):
    def dumps(self, data: Any) -> Any:
        if isinstance(data, str | bytes):
            return data
        return orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    def loads(self, s: Any) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            # Seen where a template renders to broken JSON and the node still calls it JSON.
            raise ResponseError(
                f"OpenSearch called this JSON, but it is not ({error}): {s[:200]!r}", 200, "no_json"
            ) from error


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Map every exception of the client library to one of ours.

    Raises:
        NodeUnavailable: no answer, a refused or broken connection, 429/502/503/504, or it refuses
            our credentials.
        NodeLate: no answer within the time-out.
        MissingIndex: an index or alias is not there.
        InvalidRequest: a value cannot be serialised.
        ResponseError: any other error status.
    """
    try:
        yield
    except (opensearchpy.SerializationError, orjson.JSONEncodeError) as error:
        raise InvalidRequest(f"a value cannot be sent as JSON: {error}") from error
    except opensearchpy.ConnectionTimeout as error:
        raise NodeLate(f"OpenSearch at {url} did not answer in time") from error
    except opensearchpy.ConnectionError as error:
        raise NodeUnavailable(
            f"OpenSearch at {url} does not answer ({error.error}). "
            "Is it running? `ltrr status` tells, `ltrr up` starts the embedded node."
        ) from error
    except opensearchpy.TransportError as error:
        status = error.status_code if isinstance(error.status_code, int) else 0
        kind, reason = _root_cause(error)
        if status in (429, 502, 503, 504):
            raise NodeUnavailable(
                f"OpenSearch at {url} cannot answer now: {status} {kind}: {reason}"
            ) from error
        if status in (401, 403) and kind not in ("cluster_block_exception",):
            raise NodeUnavailable(
                f"OpenSearch at {url} refuses our credentials ({status}). "
                "Set OPENSEARCH_USER and OPENSEARCH_PASSWORD."
            ) from error
        if kind == "index_not_found_exception":
            raise MissingIndex(
                f"OpenSearch has no such index: {reason}. `ltrr apply` makes it."
            ) from error
        raise ResponseError(f"OpenSearch answered {status} {kind}: {reason}", status, kind) from (
            error
        )
    except opensearchpy.OpenSearchException as error:
        raise NodeUnavailable(f"OpenSearch at {url}: {error}") from error


def _root_cause(error: opensearchpy.TransportError) -> tuple[str, str]:
    info = error.info
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        inner = info["error"]
        causes = inner.get("root_cause") or [inner]
        reason = causes[0].get("reason") or inner.get("reason") or ""
        return str(causes[0].get("type") or inner.get("type")), str(reason)
    return "error", str(error.error)


class Cluster:
    """A connection pool to one OpenSearch cluster, safe to share between threads."""

    def __init__(
        self,
        url: str,
        namespace: str,
        *,
        user: str | None = None,
        password: str | None = None,
        timeout_s: float = 30.0,
        connections: int = 16,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidRequest(f"OPENSEARCH_URL must begin with http:// or https://, not {url!r}")
        self.url = url.rstrip("/")
        self.namespace = namespace
        self._client = OpenSearch(
            [self.url],
            http_auth=(user, password) if user and password else None,
            connection_class=Urllib3HttpConnection,
            pool_maxsize=connections,
            serializer=_OrjsonSerializer(),
            timeout=timeout_s,
            # Whether something may be tried again is known by the caller, not by the transport.
            max_retries=0,
            retry_on_timeout=False,
        )

    def name(self, logical: str) -> str:
        """The name in the cluster of something of ours: ``entities`` → ``ltrr-entities``."""
        return f"{self.namespace}-{logical}"

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Send one request and return the parsed JSON answer (text where it is not JSON).

        Raises what :func:`translated` lists.
        """
        options: dict[str, Any] = dict(params or {})
        if timeout_s is not None:
            options["request_timeout"] = timeout_s
        with translated(self.url):
            return self._client.transport.perform_request(method, path, params=options, body=body)

    def get(self, path: str, **params: Any) -> Any:
        """``GET path`` with query parameters."""
        return self.request("GET", path, params=params)

    def find(self, path: str, **params: Any) -> Any | None:
        """``GET path``, or None when there is nothing (404)."""
        try:
            return self.get(path, **params)
        except MissingIndex:
            return None
        except ResponseError as error:
            if error.response_status == 404:
                return None
            raise

    def lines(
        self,
        method: str,
        path: str,
        lines: Iterable[Any],
        *,
        params: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Send newline-delimited JSON (``_bulk``, ``_msearch``, ``_msearch/template``)."""
        try:
            body = b"".join(
                orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n" for line in lines
            )
        except orjson.JSONEncodeError as error:
            raise InvalidRequest(f"a value cannot be sent as JSON: {error}") from error
        return self.request(method, path, body.decode(), params=params, timeout_s=timeout_s)

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()
