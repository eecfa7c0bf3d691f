"""``ltrr forget``: a user or a session, and everything that was learnt from them."""

from __future__ import annotations

import secrets
from dataclasses import asdict

import click
import orjson

from ltrr.secret import signing_secret
from ltrr.settings import Settings
from ltrr.wiring import dead_letters, open_cluster


@click.command()
@click.option("--user", help="The id of the user, as it is sent with searches.")
@click.option("--session", help="Or of a session.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def forget(user: str | None, session: str | None, as_json: bool) -> None:
    """Forget a user or a session: what they did, and what was learnt from it.

    Their entries are erased from the journal, with all that hangs on their queries. The order
    itself goes into the journal, naming nobody: the learner learns anew without them, while
    sidecars go on, and erases what still arrives from before the order.
    """
    from bandit_service.api.identity import Identity
    from bandit_service.collaborators import utc_now
    from bandit_service.journal.dead_letters import erase
    from bandit_service.personal.forgetting import forget as forget_them

    if bool(user) == bool(session):
        raise click.UsageError("give either --user or --session")
    settings = Settings.from_env()
    identity = Identity(signing_secret(settings))
    hashed = identity.user(user) or identity.session(session) or ""
    cluster = open_cluster(settings)
    try:
        forgot = forget_them(
            cluster, "user" if user else "session", hashed, utc_now(), secrets.token_hex(16)
        )
    finally:
        cluster.close()
    refused = erase(dead_letters(settings), lambda line: hashed.encode() in line)
    if as_json:
        click.echo(orjson.dumps({**asdict(forgot), "dead_letters": refused}))
        return
    click.echo(
        f"Erased {forgot.erased} journal entries"
        + (", the vectors and the choices of this user." if forgot.known else ".")
    )
    if forgot.rebuilds:
        click.echo("The learner learns anew without them; until it has, what it knew is served.")
