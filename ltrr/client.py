"""A small client of the sidecar's own routes, for the command line, the demo and simulations.

Answers are the sidecar's JSON, unchanged. Whatever goes wrong is one of ours from
:mod:`plugin.errors`, with the sidecar's own message where it gave one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import orjson
import urllib3

from plugin import errors
from plugin.errors import InvalidRequest, LtrrError, Unavailable

Event = Mapping[str, Any]
"""One thing a person did: query_id, object_id, action and optionally position, dwell_ms, ..."""


class Client:
    """Talks to one sidecar through a pool of kept-alive connections; safe to share by threads.

    ``url`` is the sidecar's address, for example ``http://127.0.0.1:8642``.
    """

    def __init__(
        self, url: str, *, timeout_s: float = 30.0, connections: int = 8, token: str | None = None
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise InvalidRequest(
                f"the sidecar's address must look like http://127.0.0.1:8642, not {url!r}"
            )
        self.url = url.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        # Whether something may be sent again is known by the caller, so nothing is retried here.
        self._pool = urllib3.PoolManager(
            maxsize=connections, retries=False, timeout=urllib3.Timeout(timeout_s)
        )

    def search(self, query: str, **options: Any) -> dict[str, Any]:
        """``POST /_ltrr/search``; ``options`` are its other fields. ``from_`` stands for ``from``.

        Options that are None are left out, so that a caller can pass through what it has.
        """
        body = {"query": query}
        for name, value in options.items():
            if value is not None:
                body[name.removesuffix("_")] = value
        answer: dict[str, Any] = self._json("POST", "/_ltrr/search", body)
        return answer

    def suggest(self, query: str, **options: Any) -> list[dict[str, Any]]:
        """``POST /_ltrr/suggest``: completions of what is being typed. ``options`` as there."""
        body = {"query": query, **{k: v for k, v in options.items() if v is not None}}
        answer: list[dict[str, Any]] = self._json("POST", "/_ltrr/suggest", body)["suggestions"]
        return answer

    def rules(self) -> list[dict[str, Any]]:
        """``GET /_ltrr/rules``: pins, boosts and blocks, of the file and of the API."""
        answer: list[dict[str, Any]] = self._json("GET", "/_ltrr/rules")["rules"]
        return answer

    def put_rule(self, rule_id: str, rule: Mapping[str, Any]) -> dict[str, Any]:
        """``PUT /_ltrr/rules/<id>``: add or replace one. Needs the admin token."""
        path = f"/_ltrr/rules/{quote(rule_id, safe='')}"
        answer: dict[str, Any] = self._json("PUT", path, dict(rule))
        return answer

    def delete_rule(self, rule_id: str) -> None:
        """``DELETE /_ltrr/rules/<id>``. Needs the admin token."""
        self._json("DELETE", f"/_ltrr/rules/{quote(rule_id, safe='')}")

    def feedback(self, events: Event | Sequence[Event]) -> dict[str, Any]:
        """``POST /_ltrr/feedback``: one event or a list. Taken in (202), not yet learnt."""
        body = dict(events) if isinstance(events, Mapping) else [dict(event) for event in events]
        answer: dict[str, Any] = self._json("POST", "/_ltrr/feedback", body) or {}
        return answer

    def rank(self, candidates: Sequence[str] | None = None, **options: Any) -> dict[str, Any]:
        """``POST /_ltrr/rank``: the candidates in order, or, without any, what fits best."""
        body = {k: v for k, v in options.items() if v is not None}
        if candidates is not None:
            body["candidates"] = list(candidates)
        answer: dict[str, Any] = self._json("POST", "/_ltrr/rank", body)
        return answer

    def reward(self, query_id: str, object_id: str, value: float, **options: Any) -> None:
        """``POST /_ltrr/reward``: what an entity of a page was worth, from -1 to 1."""
        body = {"query_id": query_id, "object_id": object_id, "value": value, **options}
        self._json("POST", "/_ltrr/reward", body)

    def explain(self, query_id: str, *, session: str | None = None) -> dict[str, Any]:
        """``GET /_ltrr/explain/<query_id>``: how a page came to be, for its own session."""
        fields = {"session": session} if session else None
        path = f"/_ltrr/explain/{quote(query_id, safe='')}"
        answer: dict[str, Any] = self._json("GET", path, fields=fields)
        return answer

    def strategies(self) -> list[dict[str, Any]]:
        """``GET /_ltrr/strategies``: what can draw candidates."""
        answer: list[dict[str, Any]] = self._json("GET", "/_ltrr/strategies")["strategies"]
        return answer

    def policy(self) -> dict[str, Any]:
        """``GET /_ltrr/policy``: the version that is served and how its weights have moved."""
        answer: dict[str, Any] = self._json("GET", "/_ltrr/policy")
        return answer

    def ready(self) -> bool:
        """Whether the sidecar can answer queries now. Never raises."""
        try:
            self._json("GET", "/_ltrr/ready")
        except LtrrError:
            return False
        return True

    def close(self) -> None:
        """Close the pooled connections."""
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _json(
        self, method: str, path: str, body: Any = None, fields: Mapping[str, str] | None = None
    ) -> Any:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            answer = self._pool.request(
                method,
                self.url + path,
                body=None if body is None else orjson.dumps(body),
                fields=fields,
                headers=headers,
            )
        except urllib3.exceptions.ReadTimeoutError as error:
            raise Unavailable(
                f"the sidecar at {self.url} did not answer in time. Is the machine very busy?"
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(
                f"no sidecar answers at {self.url}. `ltrr serve` starts it."
            ) from error
        if answer.status >= 400:
            raise _error_of(self.url, path, answer.status, answer.data)
        if not answer.data:
            return None
        try:
            return orjson.loads(answer.data)
        except orjson.JSONDecodeError as error:
            raise Unavailable(
                f"{self.url}{path} did not answer with JSON: is something else on that port?"
            ) from error


def _error_of(url: str, path: str, status: int, data: bytes) -> LtrrError:
    """The error of our tree that the sidecar's answer names by its code, else by its status."""
    try:
        told = orjson.loads(data)["error"]
        code, message = str(told["code"]), str(told["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        code, message = "", f"{url}{path} answered {status}: {data[:200].decode(errors='replace')}"
    known = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, LtrrError)
    ]
    for kind in known:
        if kind.code == code:
            return kind(message)
    for kind in known:
        if kind.status == status and kind is not LtrrError:
            return kind(message)
    error = LtrrError(message)
    error.status = status
    return error
