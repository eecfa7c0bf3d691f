"""Load the demo's catalogue once: again only when it, or the index that holds it, has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from ltrr.settings import Settings
from plugin.assets.extends import edited
from plugin.cluster import Cluster
from plugin.engine import find_places
from plugin.errors import InvalidRequest

EXAMPLES: Final = "examples"
CATALOGUE: Final = "catalogue.toml"
QUERIES: Final = "queries.txt"


def catalogue_folder(settings: Settings) -> Path:
    """The demo's catalogue: the folder that holds the assets, where it is one (an example with
    assets of its own); else the first folder of ``examples/``, beside the assets, that holds one.

    Raises:
        InvalidRequest: there is none.
    """
    around = edited(settings.assets.expanduser()).resolve().parent
    if (around / CATALOGUE).is_file():
        return around
    examples = around / EXAMPLES
    found = sorted(examples.glob(f"*/{CATALOGUE}"))
    if not found:
        raise InvalidRequest(
            f"there is no catalogue to show: no {CATALOGUE} in a folder of {examples}. Run the "
            "demo in a checkout of the project, with LTRR_ASSETS not set."
        )
    return found[0].parent


def example_queries(folder: Path) -> tuple[str, ...]:
    """Queries to try, one a line of ``queries.txt``; lines that begin with ``//`` are comments."""
    try:
        lines = (folder / QUERIES).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(line for raw in lines if (line := raw.strip()) and not line.startswith("//"))


def is_loaded(settings: Settings, cluster: Cluster, folder: Path) -> bool:
    """Whether exactly this catalogue was loaded into exactly the index that is there now."""
    try:
        noted = orjson.loads(_note(settings).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return False
    return bool(noted == _state(settings, cluster, folder) and noted["entities"] > 0)


def note_loaded(settings: Settings, cluster: Cluster, folder: Path) -> None:
    """Remember what is loaded now."""
    note = _note(settings)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_bytes(orjson.dumps(_state(settings, cluster, folder)))


def _note(settings: Settings) -> Path:
    return find_places(settings).state / f"demo-{settings.namespace}.json"


def _state(settings: Settings, cluster: Cluster, folder: Path) -> dict[str, Any]:
    alias = cluster.name("entities")
    cluster.request("POST", f"/{alias}/_refresh")
    indexes = cluster.get(f"/{alias}/_settings", filter_path="*.settings.index.uuid")
    return {
        # An index that was deleted and made anew has another uuid.
        "indexes": sorted(each["settings"]["index"]["uuid"] for each in indexes.values()),
        "entities": cluster.get(f"/{alias}/_count")["count"],
        "content": content_hash(folder),
        "encoder": settings.encoder,
    }


def content_hash(folder: Path) -> str:
    """A hash of the names and contents of all files of ``folder``."""
    digest = hashlib.sha256()
    for path in sorted(_files(folder)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
