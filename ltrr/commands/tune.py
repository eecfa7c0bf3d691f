"""``ltrr tune``: static weights as good as judgments can make them, for baseline.toml."""

from __future__ import annotations

from pathlib import Path

import click
import orjson
import tomli_w

from ltrr.commands.judgments import fields_of, folder_of, judged_data
from ltrr.settings import Settings
from plugin.assets.baseline import FILE, with_tables
from plugin.assets.extends import edited


@click.command("tune")
@judged_data
@click.option("--qrels", help="Only the judgments of qrels/<name>.tsv; else all there are.")
@click.option("--write", is_flag=True, help="Write the tables into baseline.toml of the assets.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def tune(
    data: Path | None,
    kind_field: str | None,
    given: tuple[str, ...],
    qrels: str | None,
    write: bool,
    as_json: bool,
) -> None:
    """Tune the static blends `tuned`, `pair` and `triple` of LTRR_POLICY on judgments.

    They are baselines to be compared with: they do not learn. What strategies bring is recorded
    once, as by `ltrr evaluate`, on a node of its own that is stopped again.
    """
    from ltrr.evaluating.tuned import tuned_tables

    settings = Settings.from_env()
    folder = folder_of(settings, data)
    found = tuned_tables(
        settings, folder, kind_field=kind_field, qrels=qrels, fields=fields_of(given)
    )
    if as_json:
        click.echo(orjson.dumps(found.as_dict(), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(tomli_w.dumps(found.tables), nl=False)
    reached = ", ".join(f"{name} {ndcg}" for name, ndcg in found.reached.items())
    click.echo(f"nDCG@10 on the {found.queries} queries tuned on: {reached}.", err=True)
    if write:
        path = edited(settings.assets) / FILE
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(with_tables(before, found.tables), encoding="utf-8")
        click.echo(f"Written into {path}. LTRR_POLICY=tuned (or pair, triple) serves it.", err=True)
