"""A way to a node that can be cut: connections are refused, or are taken and never answered."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Cuttable:
    """Passes bytes on between its ``url`` and a node, until it is cut."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._node = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._pairs: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._silent = False
        self._listening = self._listen(0)
        self._port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    def cut(self, *, silently: bool) -> None:
        """Break every connection and refuse new ones; or, ``silently``, leave all unanswered."""
        if silently:
            self._silent = True
            return
        self._close_listening()
        self._break_all()

    def mend(self) -> None:
        """Be a way again. What was left unanswered is broken off."""
        if self._silent:
            self._silent = False
            self._break_all()
        else:
            self._listening = self._listen(self._port)

    def close(self) -> None:
        self._close_listening()
        self._break_all()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", port), backlog=256)
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()
        return listening

    def _close_listening(self) -> None:
        # A thread that waits in accept() keeps the socket open: it is woken first.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _break_all(self) -> None:
        with self._lock:
            broken, self._pairs = self._pairs, set()
        for one in broken:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            try:
                node = socket.create_connection(self._node)
            except OSError:
                client.close()  # the node itself is away
                continue
            with self._lock:
                self._pairs |= {client, node}
            for source, target in ((client, node), (node, client)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._silent:
                    continue  # swallowed
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._pairs -= {source, target}
        source.close()
