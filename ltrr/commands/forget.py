"""``ltrr forget``: what was learnt of one user."""

from __future__ import annotations

import secrets

import click
import orjson

from ltrr.settings import Settings
from ltrr.wiring import open_cluster, signing_secret


@click.command()
@click.option("--user", required=True, help="The id of the user, as it is sent with searches.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def forget(user: str, as_json: bool) -> None:
    """Forget what was learnt of a user.

    The order goes to the journal, so that a replay forgets as well; what sidecars know is gone
    within ten seconds. What was learnt from everybody together stays: it names nobody. So do the
    journal's own entries, which know the user by a keyed hash only.
    """
    from bandit_service.api.identity import Identity
    from bandit_service.collaborators import utc_now
    from bandit_service.personal.forgetting import order_to_forget

    settings = Settings.from_env()
    hashed = Identity(signing_secret(settings)).user(user)
    if hashed is None:
        raise click.BadParameter("must not be empty", param_hint="--user")
    cluster = open_cluster(settings)
    try:
        known = order_to_forget(cluster, hashed, utc_now(), secrets.token_hex(16))
    finally:
        cluster.close()
    if as_json:
        click.echo(orjson.dumps({"user": hashed, "known": known, "journal_entries_kept": True}))
        return
    click.echo(
        "Forgotten: the vectors and the choices of this user."
        if known
        else "Nothing was known of this user here; whatever still waits to be learnt of what they"
        " did so far is forgotten too."
    )
    click.echo(
        "The journal still holds what they did, under a hash that only LTRR_SECRET leads to;"
        " ltrr does not erase journal entries yet.",
        err=True,
    )
