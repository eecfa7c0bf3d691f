"""A way to the node that kills a program at a known point: after a bulk request has been stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import urllib3


class Proxy:
    """Passes everything on to ``url`` and remembers the ids of each bulk request.

    After ``last`` bulk requests ``end`` is called, and that one is never answered.
    """

    def __init__(self, url: str) -> None:
        self.bulks: list[list[str]] = []
        self.last = 0
        self.end: Callable[[], None] = lambda: None
        proxy, pool = self, urllib3.PoolManager()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = pool.request(
                    self.command,
                    url + self.path,
                    body=body or None,
                    headers={"Content-Type": self.headers.get("Content-Type", "application/json")},
                )
                if "_bulk" in self.path:
                    heads = [orjson.loads(line) for line in body.splitlines()[::2]]
                    proxy.bulks.append([head["index"]["_id"] for head in heads])
                    if len(proxy.bulks) == proxy.last:
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
