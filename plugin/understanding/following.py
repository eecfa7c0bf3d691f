"""Keeps the vocabulary in step with the index: one process of a host builds, all map the file."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from plugin.assets.schema import Schema
from plugin.cluster import Cluster
from plugin.errors import BrokenState, EngineError, LtrrError
from plugin.understanding import layout, source
from plugin.understanding.building import build
from plugin.understanding.gathering import Gathering, parts_of
from plugin.understanding.reader import Reader
from plugin.understanding.vocabulary import Vocabulary
from plugin.understanding.wording import Wording

_LOOK_EVERY_S = 3.0
_BUILDING_SHARE = 20.0
"""After a build of t seconds none begins for 20 t: live writes must not keep a core busy."""

log = logging.getLogger(__name__)


def build_file(cluster: Cluster, schema: Schema, wording: Wording, path: Path, stamp: str) -> None:
    """Read all entities and write the vocabulary file, marked with ``stamp``.

    Raises:
        NodeUnavailable, MissingIndex: OpenSearch or the entities are not there.
        OSError: the file cannot be written.
    """
    gathering = Gathering(parts_of(schema, source.types_of(cluster)))
    for id, fields in source.entities(cluster, gathering.parts.read):
        gathering.add(id, fields)
    head, arrays = build(gathering.finish(wording), wording)
    layout.write(path, {**head, "stamp": stamp}, arrays)


class VocabularyFollower:
    """The newest vocabulary. :meth:`current` is safe to share between threads and never waits."""

    def __init__(
        self,
        cluster: Cluster,
        schema: Schema,
        wording: Wording,
        folder: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        build: Callable[[], None] | None = None,
    ) -> None:
        """The file is kept in ``folder``. ``build`` does :meth:`build` in another process."""
        self._cluster = cluster
        self._schema = schema
        self._wording = wording
        self._path = folder / f"vocabulary-{cluster.namespace}.bin"
        self._lock = FileLock(self._path.with_suffix(".lock"))
        self._clock = clock
        self._build = build or self.build
        self._current: Vocabulary | None = None
        self._mapped: tuple[int, int, int] | None = None
        self._rest_until = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def current(self) -> Vocabulary | None:
        """What queries are read with; None until there is a file."""
        return self._current

    @property
    def reader(self) -> Reader:
        """Reads queries with whatever is the newest vocabulary by then."""
        return Reader(self._wording, self.current)

    def look(self) -> bool:
        """Follow the index once: map a newer file, or build it if nobody else does.

        True when there is a new vocabulary.

        Raises:
            NodeUnavailable, MissingIndex: OpenSearch or the entities are not there; what was there
                before goes on to be served.
            EngineError: another process could not build it.
            OSError: the state folder cannot be written.
        """
        changed = self._map()
        wanted = self._wanted()
        if self._stamp() == wanted or self._clock() < self._rest_until:
            return changed
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._lock.acquire(timeout=0):
                # Whoever held the lock before may have written just this.
                changed = self._map() or changed
                if self._stamp() != wanted:
                    started = self._clock()
                    try:
                        self._build()
                    finally:
                        now = self._clock()
                        self._rest_until = now + _BUILDING_SHARE * (now - started)
                    changed = self._map() or changed
        except Timeout:
            log.debug("another process builds the vocabulary")
        return changed

    def build(self) -> None:
        """Write the file as of now, in this process; the caller holds the lock.

        Raises as :meth:`look`.
        """
        build_file(self._cluster, self._schema, self._wording, self._path, self._wanted())

    def start(self) -> None:
        """Begin to follow; whoever starts must :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="ltrr-vocabulary", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)  # a build goes on, if it must, until this process ends

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except EngineError as error:
                log.warning("%s", error.message)
            except LtrrError as error:
                log.debug("no look at the vocabulary: %s", error.message)
            except Exception:
                # The thread must go on, or this sidecar would never learn a new name.
                log.exception("the vocabulary could not be followed; the last good one is used")
            self._stop.wait(_LOOK_EVERY_S)

    def _wanted(self) -> str:
        """What the file must be marked with: the entities and everything that reads them."""
        told = repr((layout.MAGIC, self._schema, self._wording.fingerprint))
        read_as = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
        return f"{read_as} {source.stamp(self._cluster)}"

    def _stamp(self) -> str | None:
        return str(self._current.head.get("stamp")) if self._current is not None else None

    def _map(self) -> bool:
        """Map the file if it is another one than before; True when it was and is good."""
        try:
            found = self._path.stat()
            identity = (found.st_ino, found.st_mtime_ns, found.st_size)
            if identity == self._mapped:
                return False
            # A damaged file is not tried again either; it is built anew, or by another process.
            self._mapped = identity
            self._current = Vocabulary.open(self._path)
        except FileNotFoundError:
            return False
        except BrokenState as error:
            log.warning("no vocabulary: %s", error.message)
            self._current = None
            return False
        return True
