"""As whom a node runs: OpenSearch refuses root, so root starts it as ``nobody``."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from plugin.errors import EngineError


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user that a child process becomes."""

    name: str
    uid: int
    gid: int


def child_account() -> Account | None:
    """``nobody`` when we are root; None when the child simply is who we are.

    Raises:
        EngineError: we are root, and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EngineError(
            "OpenSearch does not run as root, and this machine has no user `nobody` to run it as."
            " Run ltrr as an ordinary user."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def closed_folder(path: Path, account: Account) -> Path | None:
    """The first folder on the way to ``path`` that ``account`` cannot enter, or None.

    Goes by owner, group and mode alone. What does not exist yet is not in the way.
    """
    resolved = path.resolve()
    for folder in (*reversed(resolved.parents), resolved):
        try:
            found = folder.stat()
        except FileNotFoundError:
            return None
        if not stat.S_ISDIR(found.st_mode):
            continue
        if found.st_uid == account.uid:
            needed = stat.S_IXUSR
        elif found.st_gid == account.gid:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not found.st_mode & needed:
            return folder
    return None


def give(folder: Path, account: Account | None) -> None:
    """Make ``account`` the owner of ``folder`` and of everything in it."""
    if account is None:
        return
    for path in (folder, *folder.rglob("*")):
        found = path.lstat()
        if (found.st_uid, found.st_gid) != (account.uid, account.gid):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
