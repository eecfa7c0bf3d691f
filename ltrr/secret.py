"""The secret that signs query ids and keys the hashes of people: a part of the wiring."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ltrr.settings import Settings
from plugin.engine import find_places


def signing_secret(settings: Settings) -> str:
    """The secret of the settings; else a random one, made once and kept beside the state.

    Kept readable for its owner only. Every process of this checkout gets the same.
    """
    if settings.secret:
        return settings.secret
    path = find_places(settings).state / "secret"
    if path.exists():  # it gets its name only once it is whole
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL on a name of our own, then link: whoever comes second reads what the first wrote.
        fresh = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        Path(fresh).unlink(missing_ok=True)
    return path.read_text()
