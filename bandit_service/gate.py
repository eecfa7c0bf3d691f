"""Back-pressure: what is more than this process can do is refused at once, not queued for ever."""

from __future__ import annotations

import threading

from plugin.errors import Busy


class Gate:
    """Lets ``in_flight`` requests in, of which ``running`` run at a time.

    The others wait for their turn, for ``patience_s`` at most: who asked has given up by then.
    """

    def __init__(self, *, running: int, in_flight: int, patience_s: float) -> None:
        self._most = max(running, in_flight)
        self._turns = threading.Semaphore(running)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._count = 0

    @property
    def in_flight(self) -> int:
        """Requests that are in now, running or waiting."""
        return self._count

    def enter(self) -> None:
        """Take a place, and wait for a turn. Whoever got in must :meth:`leave`.

        Raises:
            Busy: all places are taken, or no turn came within the patience.
        """
        with self._lock:
            if self._count >= self._most:
                raise Busy("Too many requests at once. Try again in a second.")
            self._count += 1
        if not self._turns.acquire(timeout=self._patience_s):
            with self._lock:
                self._count -= 1
            raise Busy("No turn came in time: there is too much to do. Try again in a second.")

    def leave(self) -> None:
        """Give place and turn back."""
        self._turns.release()
        with self._lock:
            self._count -= 1
