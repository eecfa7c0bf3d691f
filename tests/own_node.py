"""A node that tests may kill, driven by the command line; on the path beside ``conftest.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodes import open_folder


@dataclass(frozen=True, slots=True)
class OwnNode:
    """``ltrr`` with a state folder of its own. ``first``: what two ``ltrr up`` told that were
    started at once when there was no node yet."""

    state: Path
    first: list[Any] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "ltrr", *arguments, "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # The address of a model server: `up` starts none of its own.
            env={
                **os.environ,
                "LTRR_STATE": str(self.state),
                "LTRR_MODEL_SERVER": "http://127.0.0.1:9",
            },
        )

    def run(self, *arguments: str) -> Any:
        return finish(self.start(*arguments))

    def up(self) -> Any:
        """Have it run, with all its data, whatever was done to it; what ``ltrr up`` tells."""
        return self.run("up")


def finish(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out)


@contextmanager
def own_node_at_work() -> Iterator[OwnNode]:
    """It runs, and is stopped at the end. A start takes long: there is one for the whole run."""
    with open_folder() as state:
        node = OwnNode(state)
        both = [node.start("up"), node.start("up")]
        node.first.extend(finish(process) for process in both)
        try:
            yield node
        finally:
            node.run("down")
