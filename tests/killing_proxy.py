"""A way to the node that ends a program at a known point; on the path beside ``conftest.py``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3


@dataclass
class Passed:
    """A request that was passed on; ``body`` as it came."""

    method: str
    path: str
    body: bytes


@dataclass
class Proxy:
    """Passes everything on to ``url`` and remembers it.

    When ``fatal`` says so of a request that the node has just carried out, ``end`` is called and
    the request is never answered.
    """

    url: str
    fatal: Callable[[Passed], bool] = lambda _: False
    end: Callable[[], None] = lambda: None
    passed: list[Passed] = field(default_factory=list)

    def __post_init__(self) -> None:
        proxy, pool, node = self, urllib3.PoolManager(maxsize=8), self.url

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = pool.request(
                    self.command,
                    node + self.path,
                    body=body or None,
                    headers={"Content-Type": self.headers.get("Content-Type", "application/json")},
                )
                one = Passed(self.command, self.path, body)
                proxy.passed.append(one)
                if proxy.fatal(one):
                    proxy.end()
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
                self.send_header("Content-Length", str(len(answer.data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
