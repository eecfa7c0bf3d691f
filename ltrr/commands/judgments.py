"""What commands over judged queries ask for alike: a folder in BEIR layout, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ltrr.settings import Settings
from plugin.errors import InvalidRequest


def judged_data(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options ``data``, ``kind_field`` and ``given`` before those of ``command``."""
    data = click.option(
        "--data",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder in BEIR layout; else LTRR_DATA.",
    )
    kind = click.option("--kind-field", help="What groups queries, for example metadata.kind.")
    field = click.option(
        "--field", "given", multiple=True, help="Which metadata is what: by=metadata.author."
    )
    return data(kind(field(command)))


def folder_of(settings: Settings, data: Path | None) -> Path:
    """The folder of ``--data``, else that of the settings. Raises InvalidRequest without either."""
    folder = data or settings.data
    if folder is None:
        raise InvalidRequest("which data? Name a folder with --data, or set LTRR_DATA")
    return folder


def fields_of(given: tuple[str, ...]) -> dict[str, str]:
    """``by=metadata.author`` → {"by": "metadata.author"}. Raises InvalidRequest."""
    if any("=" not in one for one in given):
        raise InvalidRequest("--field must be like by=metadata.author")
    return dict(one.split("=", 1) for one in given)
