"""``ltrr demo``: from nothing to a page that answers and learns; ``--check`` proves it."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import quote_plus

import click
import orjson

from ltrr.settings import Settings
from plugin.errors import LtrrError

SESSIONS = 160
SIMULATE_S = 30.0


@click.command("demo")
@click.option("--check", is_flag=True, help="No person: assert, print one JSON line, stop.")
@click.option("--port", type=click.IntRange(1, 65535), help="The page's port.")
@click.option("--sessions", default=SESSIONS, show_default=True, help="Simulated sessions.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same people.")
def demo(check: bool, port: int | None, sessions: int, seed: int) -> None:
    """Start everything, load the demo's catalogue, let simulated people in, and show the page.

    What it starts it stops at the end (Ctrl-C), and nothing else; data stays for the next time.
    """
    settings = Settings.from_env()
    summary, failure = None, ""
    with _told_to_stop(), _stopping(settings):
        run = _Run(settings, check)
        address = run.bring_up(port)
        simulated = run.simulate(address, sessions, seed)
        if check:
            summary, failure = run.prove(address, simulated)
        else:
            _invite(address, run.examples)
            _wait()
    if summary is not None:
        click.echo(orjson.dumps(summary).decode())
    if failure:
        raise LtrrError(f"the check failed: {failure}")


class _Run:
    """The phases, in order, with the seconds that each took."""

    def __init__(self, settings: Settings, check: bool) -> None:
        from ltrr.demo.catalogue import catalogue_folder, example_queries

        self._settings = settings
        self._check = check
        self._folder = catalogue_folder(settings)
        self.examples = example_queries(self._folder)
        self.seconds: dict[str, float] = {}

    def bring_up(self, port: int | None) -> str:
        """Engine, assets, catalogue, sidecar; returns the sidecar's address."""
        from ltrr.demo.catalogue import is_loaded, note_loaded
        from ltrr.demo.sidecar import start_sidecar
        from ltrr.wiring import open_cluster
        from plugin.engine import find_places

        with self._phase("engine"):
            _command("up")
        with self._phase("assets"):
            _command("apply")
        with self._phase("catalogue"):
            cluster = open_cluster(self._settings)
            try:
                if is_loaded(self._settings, cluster, self._folder):
                    _say("The catalogue is loaded already and has not changed.")
                else:
                    logs = find_places(self._settings).logs
                    logs.mkdir(parents=True, exist_ok=True)
                    errors = logs / "ingest-errors.jsonl"
                    _command("ingest", str(self._folder), "--errors", str(errors))
                    note_loaded(self._settings, cluster, self._folder)
            finally:
                cluster.close()
        with self._phase("sidecar"):
            address, started = start_sidecar(self._settings, port, self.examples)
            _say(f"The sidecar answers at {address}" + ("" if started else " (it did already)"))
        return address

    def simulate(self, address: str, sessions: int, seed: int) -> dict[str, Any]:
        """Let simulated people in, so that there is something to see."""
        from ltrr.client import Client
        from ltrr.commands.simulate import describe, simulate_with_progress

        with self._phase("simulated"), Client(address) as client:
            _say(f"Letting {sessions} simulated people search and choose (they do not exist)")
            entities, schema = self._entities()
            summary = simulate_with_progress(
                client, entities, schema, sessions, seed, deadline_s=SIMULATE_S
            )
            _say(describe(summary))
        return summary.as_dict()

    def prove(self, address: str, simulated: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """The summary of a check, and what failed of it ("" when nothing did)."""
        from ltrr.client import Client
        from ltrr.demo.proof import prove
        from plugin.engine import locate

        entities, schema = self._entities()
        with self._phase("check"), Client(address) as client:
            strategies = sorted(strategy["name"] for strategy in client.strategies())
            types = seen_types(client, self.examples, {str(e.get(schema.type)) for e in entities})
            proof = prove(client, entities, schema, self._settings.memory_sessions)
        running = locate(self._settings)
        found = {
            "six kinds of entity": len(types) >= 6,
            "five strategies": len(strategies) >= 5,
            "the own session saw its choice at once": proof.own_changed,
            "one session's choice was not yet everybody's": proof.others_waited,
            "other sessions saw it after enough sessions": proof.others_changed,
        }
        summary = {
            "engine": running.engine if running else "",
            "entity_types": types,
            "strategies": strategies,
            "feedback_changed_page": proof.holds,
            "own_session": {"before": proof.own_before, "after": proof.own_after},
            "other_session_after": proof.sessions,
            "proof": proof.as_dict(),
            "simulated": simulated,
            "seconds": {**self.seconds, "total": round(sum(self.seconds.values()), 1)},
            "address": address,
        }
        return summary, "; ".join(f"not so: {name}" for name, holds in found.items() if not holds)

    def _entities(self) -> tuple[list[dict[str, Any]], Any]:
        from ltrr.commands.simulate import read_entities
        from ltrr.wiring import open_cluster
        from plugin.assets.schema import load_schema

        schema = load_schema(self._settings.assets)
        cluster = open_cluster(self._settings)
        try:
            return read_entities(cluster, schema), schema
        finally:
            cluster.close()

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)


def seen_types(client: Any, examples: tuple[str, ...], there: set[str]) -> list[str]:
    """The types of entities that answers hold: of the examples, then asked for one by one."""
    seen = {
        hit["type"]
        for query in examples
        for hit in client.search(query, size=50, learn=False)["hits"]
    }
    for kind in there - seen:
        hits = client.search("", types=[kind], size=1, learn=False)["hits"]
        seen |= {hit["type"] for hit in hits}
    return sorted(seen)


def _command(*arguments: str) -> None:
    """Run another command of ours, visibly, so that the demo shows how it is done by hand.

    Raises:
        LtrrError: the command failed.
    """
    from ltrr.cli import cli

    _say(f"$ ltrr {shlex.join(arguments)}")
    try:
        code = cli.main(list(arguments), standalone_mode=False)
    except SystemExit as end:
        code = end.code
    if isinstance(code, int) and code != 0:
        raise LtrrError(f"`ltrr {shlex.join(arguments)}` failed; the lines above say why")


@contextmanager
def _stopping(settings: Settings) -> Iterator[None]:
    """In the end, stop what runs then and did not run before."""
    from ltrr.demo.sidecar import PROGRAM, stop_sidecar
    from plugin.engine import find_places, locate
    from plugin.engine.record import process_of, read_record

    known = read_record(find_places(settings).record(PROGRAM))
    sidecar_was_there = known is not None and process_of(known) is not None
    engine_was_there = locate(settings) is not None
    try:
        yield
    finally:
        # Stopping takes a moment; a second Ctrl-C would leave things running.
        impatience = signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not sidecar_was_there and stop_sidecar(settings):
            _say("The sidecar is stopped.")
        if not engine_was_there and locate(settings) is not None:
            _say("Stopping OpenSearch; its data stays for the next time.")
            _quietly_down()
        signal.signal(signal.SIGINT, impatience)


def _quietly_down() -> None:
    """``ltrr down`` with its words on standard error: the summary stays the last line."""
    from contextlib import redirect_stdout

    with redirect_stdout(sys.stderr):
        _command("down")


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """Being terminated stops things as Ctrl-C does."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _invite(address: str, examples: tuple[str, ...]) -> None:
    click.echo(f"\n  The page is at {address}\n")
    click.echo("  Try:")
    for query in examples[:5]:
        click.echo(f"    {query:<24} {address}/?q={quote_plus(query)}")
    click.echo("\n  Like something low on the page and search again. Ctrl-C stops everything.")


def _wait() -> None:
    """Until Ctrl-C."""
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo(err=True)


def _say(text: str) -> None:
    click.echo(text, err=True)
