"""A small web server on loopback with byte ranges, and the ways in which one can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves ``files`` by name and notes the ``Range`` of every request.

    ``ranges`` False ignores ranges, as some proxies do. ``break_after`` closes the connection after
    so many bytes, as often as ``breaks`` says. ``status`` other than 200 is answered to all.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.ranges = True
        self.break_after = 0
        self.breaks = 0
        self.status = 200
        self.port = 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


@contextmanager
def serving() -> Iterator[FileServer]:
    state = FileServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Range", "bytes=0-")
            state.asked.append(given)
            if state.status != 200:
                self.send_error(state.status)
                return
            content = state.files[self.path.removeprefix("/")]
            start = int(given.removeprefix("bytes=").rstrip("-")) if state.ranges else 0
            part = content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            if state.breaks:
                state.breaks -= 1
                part = part[: state.break_after]
                self.close_connection = True
            self.wfile.write(part)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
