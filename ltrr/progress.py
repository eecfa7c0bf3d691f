"""How long work shows itself to a person: lines and bars on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from plugin.engine.base import Advance


class ConsoleReporter:
    """A :class:`plugin.engine.base.Reporter` on a terminal, or in a log file."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)

    def say(self, message: str) -> None:
        """One line of news."""
        self._console.print(message, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self, name: str, total: int, done: int) -> Iterator[Advance]:
        """A bar of ``total`` bytes, of which ``done`` are there already."""
        bar = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
        )
        with bar:
            task = bar.add_task(name, total=total, completed=done)
            yield lambda count: bar.advance(task, count)


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error: what is done, how much of it, and of how much."""
    bar = Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def advance(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    with bar:
        yield advance
