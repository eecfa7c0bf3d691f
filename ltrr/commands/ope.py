"""``ltrr ope``: what other policies would have earned, told from the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import click
import orjson
from rich.console import Console
from rich.table import Table

from bandit_service.evaluation.off_policy.evaluate import Deciding, Estimate, Evaluation
from bandit_service.evaluation.off_policy.logged import REWARDS, collect
from bandit_service.journal.reader import Reader
from bandit_service.learner.snapshot import SnapshotStore
from bandit_service.policies.contest import Contest, alone
from ltrr.settings import Settings
from plugin.cluster import Cluster
from plugin.errors import InvalidRequest
from plugin.strategies import load_strategies

LOGGER: Final = "logger"
LEARNT: Final = "learnt"
CHALLENGER: Final = "challenger"
UNLEARNT: Final = ("uniform", "static", "tuned", "pair", "triple")
USUAL: Final = (LOGGER, LEARNT, "static", "uniform")


@click.command("ope")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    type=click.Choice([LOGGER, LEARNT, CHALLENGER, *UNLEARNT]),
    help="Which policy (repeatable); else " + ", ".join(USUAL) + ", and the challenger, if any.",
)
@click.option(
    "--reward",
    type=click.Choice(list(REWARDS)),
    default="grade",
    show_default=True,
    help="What a page is worth: its best grade, whether anything was chosen, or 1/position.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def ope(policies: tuple[str, ...], reward: str, as_json: bool) -> None:
    """Estimate from the journal what other policies would have earned.

    `logger` is what was served, to check the rest by; `learnt` is what the newest snapshot serves,
    and `challenger` what it holds for LTRR_CHALLENGER, each by itself.
    A policy that learnt from these very queries looks a little better than it is. Where the log
    cannot tell, it says so instead.
    """
    from ltrr.grades import grades_of
    from ltrr.wiring import open_cluster

    settings = Settings.from_env()
    usual = (*USUAL, CHALLENGER) if settings.challenger else USUAL
    cluster = open_cluster(settings)
    try:
        log = collect(Reader(cluster).entries(), grades_of(settings), reward)
        evaluation = Evaluation(log.examples)
        told = {
            name: evaluation.own()
            if name == LOGGER
            else evaluation.of(_policy(name, settings, cluster))
            for name in dict.fromkeys(policies or usual)
        }
    finally:
        cluster.close()
    answer: dict[str, Any] = {
        "queries": len(log.examples),
        "sessions": evaluation.sessions,
        "left_out": log.counts,
        "reward": reward,
        "logged": evaluation.logged,
        "policies": {
            name: {estimator: one.as_dict() for estimator, one in estimates.items()}
            for name, estimates in told.items()
        },
    }
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
        return
    console = Console()
    left = ", ".join(f"{count} {reason}" for reason, count in log.counts.items())
    console.print(
        f"{answer['queries']} queries of {answer['sessions']} sessions earned "
        f"{evaluation.logged:.4f} on average ({reward})." + (f" Left out: {left}." if left else "")
    )
    for name, estimates in told.items():
        console.print(_table(name, estimates))
    console.print(
        "pi and pi_dr assume that what strategies add to a reward adds up. In simulations it did "
        "not, and their intervals were too narrow (docs/off-policy.md)."
    )


def _policy(name: str, settings: Settings, cluster: Cluster) -> Deciding:
    from ltrr.wiring import policy_maker

    strategies = load_strategies(settings.assets)
    if name not in (LEARNT, CHALLENGER):
        # The settings' own type does not know that these names are among its own.
        return policy_maker(replace(settings, policy=name), strategies)()  # type: ignore[arg-type]
    served = SnapshotStore(cluster).serve(policy_maker(settings, strategies))
    if served is None:
        raise InvalidRequest("nothing was learnt yet: run `ltrr learn`, or search and choose first")
    if name == LEARNT:
        return alone(served.policy)
    if not isinstance(served.policy, Contest):
        raise InvalidRequest("there is no challenger: name one by LTRR_CHALLENGER")
    return served.policy.members[1]


def _table(name: str, estimates: dict[str, Estimate]) -> Table:
    table = Table(title=name, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in ("estimator", "value", "95 %", "bounds", "effective"):
        table.add_column(column, overflow="fold")
    for estimator, one in estimates.items():
        if one.value is None:
            table.add_row(estimator, "", f"refused: {one.refused}", "", f"{one.effective:.0f}")
            continue
        spans = [
            f"{low:.4f} to {high:.4f}" for low, high in filter(None, (one.interval, one.bounds))
        ]
        table.add_row(
            estimator, f"{one.value:.4f}", spans[0], "".join(spans[1:]), f"{one.effective:.0f}"
        )
    return table
