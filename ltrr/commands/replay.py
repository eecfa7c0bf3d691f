"""``ltrr replay``: does the journal give what was learnt?"""

from __future__ import annotations

import time
from dataclasses import asdict, replace

import click
import orjson

from bandit_service.journal.reader import Position
from ltrr.progress import shown_progress
from ltrr.settings import Settings


@click.command()
@click.option("--from-start", is_flag=True, help="From the journal's beginning, not a snapshot.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def replay(from_start: bool, as_json: bool) -> None:
    """Fold the journal once more and compare with the newest snapshot.

    From the oldest snapshot that is kept, or from the beginning. Prints both hashes; exit code 1
    when they differ. Nothing is written, and the learner may go on meanwhile. The settings must be
    those of the learner.
    """
    from bandit_service.journal.reader import Reader
    from bandit_service.learner.artefacts import Artefacts
    from bandit_service.learner.replaying import replay as replayed_of
    from ltrr.wiring import learner_rules, make_snapshots, open_cluster, policy_maker
    from plugin.strategies import load_strategies

    settings = Settings.from_env()
    cluster = open_cluster(settings)
    began = time.monotonic()
    try:
        strategies = load_strategies(settings.assets)
        rules = replace(learner_rules(settings, strategies), artefact=Artefacts(cluster).find)
        snapshots = make_snapshots(settings, cluster)
        head = snapshots.head()
        total = head.kept[0].position.seq_no + 1 if head is not None else 0
        with shown_progress() as progress:

            def advance(position: Position) -> None:
                # Of the last journal index only: how many the ones before hold is not known.
                done = min(position.seq_no + 1, total)
                progress(f"journal index {position.generation}", done, total)

            result = replayed_of(
                Reader(cluster),
                snapshots,
                policy_maker(settings, strategies),
                rules,
                from_start=from_start,
                advance=advance,
            )
    finally:
        cluster.close()
    if as_json:
        seconds = round(time.monotonic() - began, 3)
        told = {**asdict(result), "identical": result.identical, "seconds": seconds}
        click.echo(orjson.dumps(told))
    else:
        click.echo(f"{result.live}  the snapshot {result.version}")
        click.echo(f"{result.replayed}  {result.entries} entries since {result.since}")
        click.echo("They are the same." if result.identical else "They differ.")
    if not result.identical:
        raise SystemExit(1)
