"""Where downloads are kept, and where the state of this checkout lives.

The cache is shared by all checkouts. The state belongs to one checkout: its folder is named for the
checkout, with a short hash of its path, so that two clones never share a node.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from platformdirs.unix import Unix

from plugin.assets.extends import edited
from plugin.engine.account import Account, child_account, closed_folder
from plugin.engine.base import EngineSettings
from plugin.errors import EngineError

NODE = "node"
MODEL_SERVER = "model-server"
"""The programs that are recorded in the state folder."""

# root's home is closed to the unprivileged user that the node runs as.
_ROOT_CACHE = Path("/var/cache/ltrr")
_ROOT_STATE = Path("/var/lib/ltrr")


@dataclass(frozen=True, slots=True)
class Places:
    """The two folders, not necessarily there yet."""

    cache: Path
    state: Path

    @property
    def downloads(self) -> Path:
        """Archives as they were fetched."""
        return self.cache / "downloads"

    @property
    def distributions(self) -> Path:
        """Assembled OpenSearch distributions, one folder each, shared by all nodes."""
        return self.cache / "distributions"

    @property
    def node(self) -> Path:
        """What belongs to the node's own user: config, data, logs, tmp."""
        return self.state / "node"

    @property
    def logs(self) -> Path:
        """Logs of the programs that we run in the background, except the node's own."""
        return self.state / "logs"

    @property
    def lock(self) -> Path:
        """Held by whoever starts or stops something."""
        return self.state / "engine.lock"

    def record(self, program: str) -> Path:
        """Where it is noted that ``program`` was started."""
        return self.state / f"{program}.json"


def find_places(settings: EngineSettings) -> Places:
    """The folders that ``settings`` ask for, else the usual ones; makes nothing.

    The checkout is the folder that holds the assets folder.
    """
    checkout = edited(settings.assets.expanduser()).resolve().parent
    root = os.geteuid() == 0
    usual = Unix("ltrr", appauthor=False)
    cache = settings.cache or (_ROOT_CACHE if root else usual.user_cache_path)
    state = settings.state or (
        (_ROOT_STATE if root else usual.user_state_path) / checkout_name(checkout)
    )
    return Places(cache.expanduser().absolute(), state.expanduser().absolute())


def checkout_name(checkout: Path) -> str:
    """A folder name that is readable and differs for every path: ``ltrr-3f2a90c1``."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", checkout.name).strip("-.") or "checkout"
    return f"{readable}-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:8]}"


def prepare_places(places: Places) -> Account | None:
    """Make the folders; returns the account that the node will run as.

    Raises:
        EngineError: a folder cannot be made or written, or the node's user cannot get there.
    """
    account = child_account()
    for folder, variable in ((places.cache, "LTRR_CACHE"), (places.state, "LTRR_STATE")):
        if re.search(r"\s", str(folder)):
            raise EngineError(
                f"the folder {str(folder)!r} has a space in its path, which OpenSearch's start"
                f" script cannot handle. Set {variable} to another folder."
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                f"the folder {folder} cannot be made: {error.strerror}."
                f" Set {variable} to a folder that you may write."
            ) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise EngineError(
                f"the folder {folder} cannot be written."
                f" Set {variable} to a folder that you may write."
            )
        if account and (closed := closed_folder(folder, account)):
            raise EngineError(
                f"the node runs as user {account.name!r}, because OpenSearch refuses root, and"
                f" that user cannot enter {closed}. Set {variable} to a folder whose parents are"
                f" open to everyone (chmod o+x), such as"
                f" {_ROOT_CACHE if variable == 'LTRR_CACHE' else _ROOT_STATE}."
            )
    return account
