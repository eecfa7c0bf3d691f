"""``ltrr``: the one command line. Commands are loaded only when they are called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click

from plugin.errors import LtrrError

# command → "module:function". The order is the order of `ltrr --help`.
COMMANDS: Mapping[str, str] = {
    "demo": "ltrr.commands.demo:demo",
    "init": "ltrr.commands.init:init",
    "up": "ltrr.commands.engine:up",
    "down": "ltrr.commands.engine:down",
    "status": "ltrr.commands.engine:status",
    "doctor": "ltrr.commands.engine:doctor",
    "validate": "ltrr.commands.assets:validate",
    "plan": "ltrr.commands.assets:plan",
    "apply": "ltrr.commands.assets:apply",
    "ingest": "ltrr.commands.ingest:ingest",
    "graph": "ltrr.commands.graph:graph",
    "model-server": "ltrr.commands.model_server:model_server",
    "serve": "ltrr.commands.serve:serve",
    "learn": "ltrr.commands.learn:learn",
    "rollback": "ltrr.commands.rollback:rollback",
    "replay": "ltrr.commands.replay:replay",
    "search": "ltrr.commands.search:search",
    "understand": "ltrr.commands.understand:understand",
    "explain": "ltrr.commands.explain:explain",
    "feedback": "ltrr.commands.search:feedback",
    "strategies": "ltrr.commands.search:strategies",
    "rules": "ltrr.commands.rules:rules",
    "export": "ltrr.commands.export:export",
    "forget": "ltrr.commands.forget:forget",
    "ope": "ltrr.commands.ope:ope",
    "simulate": "ltrr.commands.simulate:simulate",
    "evaluate": "ltrr.commands.evaluate:evaluate",
    "tune": "ltrr.commands.tune:tune",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, function = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ltrr")
def cli() -> None:
    """Learning to rank and retrieve, on OpenSearch."""


def main() -> None:
    """Run the command line; an error of ours is one line on standard error and exit code 1."""
    try:
        cli()
    except LtrrError as error:
        click.echo(f"ltrr: {error.message}", err=True)
        sys.exit(1)
