"""Free ports on the loopback interface."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Collection

from plugin.errors import EngineError

LOOPBACK = "127.0.0.1"

# Below the range from which Linux and macOS hand out ports for outgoing connections.
_FIRST = 20_000
_COUNT = 10_000


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        # Connections that linger from a killed server are not in the way of a new one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose_port(preferred: int | None, seed: str, taken: Collection[int] = ()) -> int:
    """``preferred`` when it is free, else a free one; the same ``seed`` tries the same ones first.

    Raises:
        EngineError: none of many is free.
    """
    if preferred and preferred not in taken and is_free(preferred):
        return preferred
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4])
    for step in range(500):
        port = _FIRST + (start + step) % _COUNT
        if port not in taken and is_free(port):
            return port
    raise EngineError(f"no free port was found on {LOOPBACK} from {_FIRST} up")
