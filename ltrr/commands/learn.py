"""``ltrr learn``: the learner, in a process of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click
import orjson

from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.engine import find_places

ALIVE = "learner.alive"
"""A file in the state folder that a learner touches every few seconds: for health checks."""


@click.command()
@click.option("--once", is_flag=True, help="Learn what the journal holds now, and end.")
@click.option("--status", is_flag=True, help="Tell how far learning is, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print what was learnt as JSON.")
def learn(once: bool, status: bool, as_json: bool) -> None:
    """Learn from the journal, until interrupted.

    Any number may run, here or as threads of `ltrr serve`: one learns, the others wait to take
    over. Being killed costs nothing: the next one goes on where the last snapshot stands.
    """
    from ltrr.training import make_trainer
    from ltrr.wiring import find_encoder, make_learner, open_cluster

    settings = Settings.from_env()
    cluster = open_cluster(settings)
    if status:
        try:
            _tell(learning_status(settings, cluster), as_json)
        finally:
            cluster.close()
        return
    try:
        encoder = find_encoder(settings)
        learner = make_learner(settings, cluster, encoder=encoder)
        with _until_interrupted() as stop:
            if once:
                entries = learner.catch_up(stop)
                learned = {
                    "entries": entries,
                    "version": learner.version,
                    "counts": dict(learner.counts),
                }
                learner.close()
            else:
                click.echo("Learning. Ctrl-C ends it.", err=True)
                alive = find_places(settings).state / ALIVE
                alive.parent.mkdir(parents=True, exist_ok=True)
                trainer = make_trainer(settings, cluster, learner, encoder)
                training = threading.Thread(
                    target=trainer.run, args=(stop,), name="ltrr-trainer", daemon=True
                )
                training.start()
                learner.run(stop, beat=alive.touch)
                learned = {"version": learner.version, "counts": dict(learner.counts)}
    finally:
        cluster.close()
    if as_json:
        click.echo(orjson.dumps(learned))
    elif once:
        click.echo(f"Learnt {entries} entries; the state is {learned['version']}.")


def learning_status(settings: Settings, cluster: Cluster) -> dict[str, Any]:
    """The newest snapshot, how many entries it lacks, and what became of those that it holds.

    Raises what :meth:`bandit_service.learner.snapshot.SnapshotStore.head` does.
    """
    from bandit_service.journal.lag import lag
    from bandit_service.journal.names import generations
    from bandit_service.journal.reader import Position
    from ltrr.wiring import make_snapshots, policy_maker
    from plugin.strategies import load_strategies

    snapshots = make_snapshots(settings, cluster)
    head = snapshots.head()
    told: dict[str, Any] = {"version": None, "published_at": None, "counts": {}}
    position = Position()
    if head is not None:
        newest = head.kept[0]
        served = snapshots.served(newest, policy_maker(settings, load_strategies(settings.assets)))
        position = newest.position
        told = {
            "version": newest.version,
            "published_at": newest.published_at,
            "counts": dict(sorted(served.counts.items())),
        }
    return {**told, "behind": lag(cluster, position), "journal": generations(cluster)}


def _tell(status: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(status))
        return
    click.echo(f"snapshot  {status['version'] or 'none yet'}, {status['behind']} entries behind")
    click.echo(f"journal   {', '.join(map(str, status['journal'])) or 'none'}")
    for outcome, count in status["counts"].items():
        click.echo(f"  {outcome:<14} {count}")


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that the learner ends between two steps."""
    stop = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal wants
        stop.set()

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
