"""``ltrr rollback``: go on from an earlier policy and its models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click
import orjson

from bandit_service.learner.keeping import Kept
from ltrr.settings import Settings


@click.command()
@click.option("--to", metavar="VERSION", help="Which snapshot; else the newest of the earlier.")
@click.option("--list", "only_list", is_flag=True, help="List the snapshots that are kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def rollback(to: str | None, only_list: bool, as_json: bool) -> None:
    """Go back to the policy and the models of an earlier snapshot.

    It is an order in the journal: the learner obeys within seconds, every replay does as well, and
    what people do from then on teaches the restored policy. What is known (the memory, users,
    trends) stays: it is evidence that is still true.
    """
    from bandit_service.collaborators import utc_now
    from bandit_service.learner.going_back import go_back
    from ltrr.wiring import make_snapshots, open_cluster, policy_maker
    from plugin.strategies import load_strategies

    settings = Settings.from_env()
    cluster = open_cluster(settings)
    try:
        snapshots = make_snapshots(settings, cluster)
        if only_list:
            head = snapshots.head()
            _show(head.kept if head is not None else (), as_json)
            return
        new_policy = policy_maker(settings, load_strategies(settings.assets))
        kept, order = go_back(cluster, snapshots, new_policy, to, utc_now())
    finally:
        cluster.close()
    if as_json:
        click.echo(orjson.dumps({"to": kept.version, "order": order.id}))
    else:
        click.echo(
            f"Ordered to go back to {kept.version} of {_time(kept)}. The learner obeys when it "
            "comes to this order; `ltrr rollback --list` shows a new snapshot then."
        )


def _show(kept: Sequence[Kept], as_json: bool) -> None:
    if as_json:
        listed = [{"version": one.version, "published_at": one.published_at} for one in kept]
        click.echo(orjson.dumps({"snapshots": listed}))
    elif not kept:
        click.echo("There is no snapshot yet.")
    for one in () if as_json else kept:
        click.echo(f"{one.version:<20} {_time(one)}")


def _time(kept: Kept) -> str:
    return datetime.fromtimestamp(kept.published_at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
