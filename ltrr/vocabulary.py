"""``python -m ltrr.vocabulary``: builds the vocabulary file in a process of its own.

A sidecar has this done for it: sorting the words of many names would hold up the queries of the
process in which it is done, and this one may take all the time that it needs.
"""

from __future__ import annotations

import subprocess
import sys

import click

from ltrr.server_hooks import end_with_parent
from ltrr.settings import Settings
from ltrr.wiring import make_follower, open_cluster
from plugin.errors import EngineError, LtrrError

_PATIENCE_S = 1800.0


def build_elsewhere() -> None:
    """Build the file in another process, with the settings of this one, and wait for it.

    Raises:
        EngineError: it could not be built; the message says why.
    """
    command = [sys.executable, "-m", "ltrr.vocabulary"]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"the vocabulary could not be built: {error}") from error
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise EngineError(f"the vocabulary could not be built: {told[-1]}")


def main() -> None:
    """Build it; whoever called holds the lock."""
    end_with_parent()  # nobody waits for the file then
    settings = Settings.from_env()
    cluster = open_cluster(settings)
    try:
        make_follower(settings, cluster).build()
    finally:
        cluster.close()


if __name__ == "__main__":
    try:
        main()
    except LtrrError as error:
        click.echo(error.message, err=True)
        sys.exit(1)
