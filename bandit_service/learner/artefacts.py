"""Immutable bytes in ``<namespace>-state``, named by their SHA-256: fitted models, snapshots.

What is larger than a request should be is stored in pieces, ``<kind>-<sha256>-<n>``; piece 0 knows
how many there are and is written last, so that what has a piece 0 is whole. Storing the same bytes
again changes nothing, and mends what was damaged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.cluster import Cluster
from plugin.errors import BrokenState, NotFound, Unavailable

PIECE_BYTES = 8 * 2**20
"""Of compressed bytes in one document: far below the 100 MB that a request may have."""
YOUNG_MS = 24 * 3600 * 1000
"""What nothing names yet is kept for so long: the entry that will name it may be on its way."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One artefact in the store. ``about`` is what its maker says of it, for people."""

    sha256: str
    size: int
    pieces: int
    stored_at: int
    about: Mapping[str, Any]


class Artefacts:
    """A store of one ``kind`` of immutable bytes. Safe to share between threads."""

    def __init__(
        self, cluster: Cluster, kind: str = "artefact", *, piece_bytes: int = PIECE_BYTES
    ) -> None:
        self._cluster = cluster
        self._kind = kind
        self._index = f"/{cluster.name('state')}"
        self._piece_bytes = piece_bytes

    def put(
        self,
        data: bytes,
        about: Mapping[str, Any] | None = None,
        *,
        beat: Callable[[], object] = lambda: None,
    ) -> str:
        """Store ``data``; returns its SHA-256, by which it is found again. ``beat`` is called
        before every piece.

        Raises:
            MissingIndex: nothing was applied to the cluster yet.
            Unavailable: it could not be stored, or not all of it. Storing it again does no harm.
        """
        # Writing to an index that is not there would make one, with guessed mappings.
        self._cluster.get(self._index, filter_path="*.aliases")
        sha256 = hashlib.sha256(data).hexdigest()
        packed = zlib.compress(data, 1)
        cuts = range(0, max(1, len(packed)), self._piece_bytes)
        for number in reversed(range(len(cuts))):
            beat()
            piece = packed[cuts[number] : cuts[number] + self._piece_bytes]
            document: dict[str, Any] = {
                "kind": self._kind,
                "version": sha256,
                "updated_at": int(time.time() * 1000),
                "blob": base64.b64encode(piece).decode(),
            }
            if number == 0:
                document["body"] = {"size": len(data), "pieces": len(cuts), "about": about or {}}
            self._bulk([{"index": {"_id": self._id(sha256, number)}}, document])
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that name.

        Raises:
            NotFound: there are none.
            BrokenState: they are damaged or cut short.
            NodeUnavailable: the cluster does not answer.
        """
        first = self._piece(sha256, 0)
        if first is None:
            raise NotFound(
                f"the {self._kind} {sha256[:12]} is not there: it was swept away as no retained "
                "snapshot needs it, or never stored."
            )
        try:
            count = int(first["body"]["pieces"])
            rest = [self._piece(sha256, number) or {} for number in range(1, count)]
            packed = b"".join(
                base64.b64decode(piece["blob"], validate=True) for piece in (first, *rest)
            )
            data = zlib.decompress(packed)
        except (KeyError, TypeError, ValueError, binascii.Error, zlib.error) as error:
            raise BrokenState(
                f"the {self._kind} {sha256[:12]} is damaged or cut short ({error!r})."
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BrokenState(f"the {self._kind} {sha256[:12]} is damaged: its checksum differs.")
        return data

    def find(self, sha256: str) -> bytes | None:
        """As :meth:`get`, but None where there is nothing of that name, as for a fold."""
        try:
            return self.get(sha256)
        except NotFound:
            return None

    def stored(self) -> list[Stored]:
        """All artefacts, without their bytes; one of the last second may be missing."""
        answer = self._cluster.request(
            "POST",
            f"{self._index}/_search",
            {
                "size": 10_000,
                "query": {"bool": {"filter": [{"term": {"kind": self._kind}}]}},
                "_source": ["version", "updated_at", "body"],
            },
        )
        return [
            Stored(
                sha256=str(source["version"]),
                size=int(source["body"]["size"]),
                pieces=int(source["body"]["pieces"]),
                stored_at=int(source["updated_at"]),
                about=source["body"].get("about") or {},
            )
            for hit in answer["hits"]["hits"]
            if "body" in (source := hit["_source"])
        ]

    def sweep(self, needed: Collection[str], *, young_ms: int = YOUNG_MS) -> list[str]:
        """Delete what is not ``needed`` and not young any more; returns what was deleted.

        Raises as :meth:`put`.
        """
        oldest = time.time() * 1000 - young_ms
        swept = [
            one for one in self.stored() if one.sha256 not in needed and one.stored_at <= oldest
        ]
        for one in swept:
            self._delete(one.sha256, one.pieces)
        return [one.sha256 for one in swept]

    def delete(self, names: Iterable[str]) -> None:
        """Delete what has one of these SHA-256; what is not there is passed over. Raises as
        :meth:`put`."""
        for sha256 in sorted(names):
            first = self._cluster.find(
                f"{self._index}/_doc/{self._id(sha256, 0)}", _source_includes="body"
            )
            if first is not None:
                self._delete(sha256, int(first["_source"]["body"]["pieces"]))

    def _delete(self, sha256: str, pieces: int) -> None:
        # Piece 0 first: what has a piece 0 is whole.
        self._bulk([{"delete": {"_id": self._id(sha256, n)}} for n in range(pieces)])

    def _id(self, sha256: str, number: int) -> str:
        return f"{self._kind}-{sha256}-{number}"

    def _piece(self, sha256: str, number: int) -> Mapping[str, Any] | None:
        found = self._cluster.find(f"{self._index}/_doc/{self._id(sha256, number)}")
        return found["_source"] if found else None

    def _bulk(self, lines: list[Mapping[str, Any]]) -> None:
        answer = self._cluster.lines(
            "POST",
            f"{self._index}/_bulk",
            lines,
            params={"filter_path": "items.*.status,items.*.error.reason"},
        )
        for item in answer["items"]:
            ((action, result),) = item.items()
            # 404: nothing to delete.
            if result["status"] not in ((200, 404) if action == "delete" else (200, 201)):
                reason = result.get("error", {}).get("reason", "no reason given")
                raise Unavailable(f"OpenSearch did not store a {self._kind}: {reason}")
