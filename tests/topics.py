"""A model server whose vectors fit into the head; on the path beside ``conftest.py``."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from ingest.model_server import create_app
from plugin.assets.schema import load_schema

ASSETS = Path(__file__).parents[1] / "opensearch"
TOPICS = ("love", "sea", "city", "war")


class TopicEncoder:
    """One dimension a topic: how often its word is in the text; the last for a text of none."""

    dimensions = len(TOPICS) + 1
    version = "topics"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.batches.append(list(texts))
        counted = [[text.lower().count(topic) for topic in TOPICS] for text in texts]
        vectors = np.array([[*row, 0 if any(row) else 1] for row in counted], dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class ModelServer:
    """Our model server on a free port; :meth:`stop` makes it one that is down."""

    def __init__(self) -> None:
        self.encoder = TopicEncoder()
        app = create_app(self.encoder, load_schema(ASSETS))
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=_Quiet
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
