"""Where a load stands, so that one that was killed goes on instead of beginning again.

The mark is moved only after OpenSearch has acknowledged everything before it. What was stored but
not marked is stored once more under its own id, which changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from ingest.bulk import Outcome


@dataclass(frozen=True, slots=True)
class Mark:
    """What is done: ``read`` items of the source, of them ``stored`` and ``failed``.

    ``errors`` is the length of the error file at that point, in bytes.
    """

    read: int
    stored: int
    failed: int
    errors: int

    @property
    def outcome(self) -> Outcome:
        """The same as the loader counts it."""
        return Outcome(self.read, self.stored, self.failed)


class Marker:
    """The mark of one load. ``facts`` are all that makes it that load and no other."""

    def __init__(self, folder: Path, facts: Mapping[str, Any]) -> None:
        canonical = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
        self._path = folder / f"{hashlib.blake2b(canonical, digest_size=12).hexdigest()}.json"

    def load(self) -> Mark | None:
        """Where the same load stopped before; None when it did not, or nothing is known of it."""
        try:
            given = orjson.loads(self._path.read_bytes())
            mark = Mark(**given)
        except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
            return None
        counts = (mark.read, mark.stored, mark.failed, mark.errors)
        sound = all(isinstance(one, int) and one >= 0 for one in counts)
        return mark if sound and mark.read == mark.stored + mark.failed else None

    def save(self, mark: Mark) -> None:
        """Remember the mark: the old one or the new one is there, whenever we are killed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(orjson.dumps(asdict(mark)))
        fresh.replace(self._path)

    def clear(self) -> None:
        """The load is complete, or is to begin anew."""
        self._path.unlink(missing_ok=True)


def fingerprint(path: Path) -> list[list[Any]]:
    """Name, length and time of change of every file of a source: other content, other values."""
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    found = []
    for one in files:
        status = one.stat()
        found.append([str(one.resolve()), status.st_size, status.st_mtime_ns])
    return found


def assets_version(folder: Path) -> str:
    """A hash of the asset files that say what an entity is and how it is enriched."""
    digest = hashlib.sha256()
    inner = [
        path for kind in ("indexes", "ingest_pipelines") for path in (folder / kind).glob("**/*")
    ]
    for path in sorted([folder / "schema.toml", *inner]):
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()
