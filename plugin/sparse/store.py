"""Where the artefact lives: one document in ``<namespace>-state``, followed by all who need it."""

from __future__ import annotations

import base64
import hashlib
import logging
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from plugin.cluster import Cluster
from plugin.errors import BrokenState, LtrrError
from plugin.sparse.artefact import Artefact, unpacked
from plugin.sparse.catalogue import CatalogueEncoder

DOCUMENT = "sparse"

log = logging.getLogger(__name__)


class ArtefactStore:
    """Reads and replaces the artefact of one namespace of a cluster."""

    def __init__(self, cluster: Cluster, namespace: str | None = None) -> None:
        self._cluster = cluster
        self._path = f"/{namespace or cluster.namespace}-state/_doc/{DOCUMENT}"

    def version(self) -> str | None:
        """The version of the artefact that is there, or None.

        Raises:
            NodeUnavailable: the cluster does not answer.
        """
        found = self._cluster.find(self._path, _source_includes="version")
        return str(found["_source"].get("version")) if found else None

    def load(self) -> Artefact | None:
        """The artefact, or None where none was built yet.

        Raises:
            BrokenState: it is damaged.
            NodeUnavailable: the cluster does not answer.
        """
        found = self._cluster.find(self._path)
        if not found:
            return None
        source = found["_source"]
        try:
            packed = base64.b64decode(source["blob"], validate=True)
            if hashlib.sha256(packed).hexdigest() != source["body"]["checksum"]:
                raise ValueError("its checksum is another")
            data = unpacked(packed)
        except (KeyError, TypeError, ValueError, zlib.error) as error:
            raise BrokenState(
                f"the sparse artefact in {self._path} is damaged ({error!r}). "
                "`ltrr ingest --rebuild-sparse` with the catalogue makes it anew."
            ) from error
        return Artefact.load(data)

    def publish(self, artefact: Artefact) -> None:
        """Replace what is there.

        Raises:
            NodeUnavailable: the cluster does not answer.
        """
        packed = zlib.compress(artefact.dump(), 6)
        body = {
            "kind": DOCUMENT,
            "version": artefact.version,
            "updated_at": int(time.time() * 1000),
            "blob": base64.b64encode(packed).decode(),
            "body": {
                "checksum": hashlib.sha256(packed).hexdigest(),
                "entities": artefact.entities,
                "terms": len(artefact.terms),
                "encoder": artefact.encoder,
            },
        }
        self._cluster.request("PUT", self._path, body)


@dataclass(frozen=True, slots=True)
class _Known:
    version: str | None
    encoder: CatalogueEncoder | None


class Following:
    """The encoder of the artefact that is there now, looked after every ``interval_s``.

    With ``in_background`` nobody waits for a look, except the caller of :meth:`look`: for
    processes that answer queries. Safe to share between threads.
    """

    def __init__(
        self,
        store: ArtefactStore,
        *,
        interval_s: float = 2.0,
        in_background: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._interval_s = interval_s
        self._in_background = in_background
        self._clock = clock
        self._known = _Known(None, None)
        self._next = float("-inf")
        self._looking = threading.Lock()

    def current(self) -> CatalogueEncoder | None:
        """The newest good encoder, or None: there is none, it is damaged, nobody could look yet."""
        if self._clock() >= self._next and self._looking.acquire(blocking=False):
            self._next = self._clock() + self._interval_s
            if self._in_background:
                threading.Thread(target=self._look, name="ltrr-sparse", daemon=True).start()
            else:
                self._look()
        return self._known.encoder

    def look(self) -> CatalogueEncoder | None:
        """Look now, and wait for it."""
        self._looking.acquire()
        self._next = self._clock() + self._interval_s
        self._look()
        return self._known.encoder

    def _look(self) -> None:
        """Called with the lock held; gives it back."""
        try:
            version = self._store.version()
            if version != self._known.version:
                # Kept on error below: a damaged one is not read again until it is another.
                self._known = _Known(version, None if version is None else self._encoder())
        except BrokenState as error:
            log.error("no sparse retrieval: %s", error.message)
            self._known = _Known(version, None)
        except LtrrError as error:
            log.debug("no look at the sparse artefact: %s", error.message)
        except Exception:
            log.exception("the look at the sparse artefact failed; the last good one is used")
        finally:
            self._looking.release()

    def _encoder(self) -> CatalogueEncoder | None:
        artefact = self._store.load()
        return None if artefact is None else CatalogueEncoder(artefact)
