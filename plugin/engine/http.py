"""A few plain requests to a node that may not be there yet."""

from __future__ import annotations

import json
from typing import Any

import urllib3


class Http:
    """JSON over HTTP that answers None instead of raising while nothing listens."""

    def __init__(self, url: str, *, user: str = "", password: str = "") -> None:
        self.url = url.rstrip("/")
        headers = urllib3.make_headers(basic_auth=f"{user}:{password}") if user else {}
        self._pool = urllib3.PoolManager(headers={**headers, "Content-Type": "application/json"})

    def ask(self, method: str, path: str, body: Any = None, timeout_s: float = 5.0) -> Any:
        """The parsed answer, or None: no connection, a time-out, an error status, or no JSON."""
        status, answer = self.send(method, path, body, timeout_s)
        return answer if 200 <= status < 300 else None

    def send(
        self, method: str, path: str, body: Any = None, timeout_s: float = 5.0
    ) -> tuple[int, Any]:
        """Status and parsed answer (its text where it is no JSON); status 0 without an answer."""
        try:
            response = self._pool.request(
                method,
                f"{self.url}{path}",
                body=None if body is None else json.dumps(body),
                timeout=timeout_s,
                retries=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return 0, str(error)
        try:
            return response.status, json.loads(response.data)
        except ValueError:
            return response.status, response.data.decode(errors="replace")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
