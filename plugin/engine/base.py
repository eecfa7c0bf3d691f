"""The contract between an engine and those who use it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

Advance = Callable[[int], None]
"""Tells a progress bar that so many more bytes are done."""


@dataclass(frozen=True, slots=True)
class Running:
    """An OpenSearch that can be used.

    ``plugins`` are the names of the installed plugins, ``ml_commons`` whether ingest pipelines can
    call a model server. ``pid`` and ``started`` (whether this very call started it) are only
    meaningful for a node of our own; ``notes`` are things that a person should know.
    """

    url: str
    engine: str
    version: str = ""
    plugins: tuple[str, ...] = ()
    ml_commons: bool = False
    model_server: str | None = None
    pid: int | None = None
    started: bool = False
    notes: tuple[str, ...] = ()


class Engine(Protocol):
    """One way to have an OpenSearch."""

    def up(self) -> Running:
        """Make it usable, or find that it already is.

        Raises:
            EngineError: it cannot be made to run; the message says why.
            NodeUnavailable: it is not ours to start, and does not answer.
        """
        ...

    def down(self) -> bool:
        """Stop what :meth:`up` started; False when nothing of ours was running."""
        ...

    def status(self) -> Running | None:
        """What is running and answers now, or None."""
        ...


class Reporter(Protocol):
    """How an engine tells a person what takes so long."""

    def say(self, message: str) -> None:
        """One line of news."""
        ...

    def progress(self, name: str, total: int, done: int) -> AbstractContextManager[Advance]:
        """A bar of ``total`` bytes, of which ``done`` are there already."""
        ...


class EngineSettings(Protocol):
    """The settings that engines read; ``ltrr.settings.Settings`` is one."""

    @property
    def engine(self) -> str: ...
    @property
    def opensearch_url(self) -> str: ...
    @property
    def opensearch_user(self) -> str: ...
    @property
    def opensearch_password(self) -> str: ...
    @property
    def assets(self) -> Path: ...
    @property
    def cache(self) -> Path | None: ...
    @property
    def state(self) -> Path | None: ...
    @property
    def model_server(self) -> str: ...
    @property
    def java_home(self) -> str: ...
