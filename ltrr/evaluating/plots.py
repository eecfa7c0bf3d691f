"""Learning curves as pictures: never-clicked queries over sessions, against the static bars."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plugin.errors import InvalidRequest

_BARS = {
    "static_in_hindsight": "static, in hindsight",
    "static_trained": "static, tuned on the traffic's judgments",
    "uniform": "uniform",
}


def draw(result: Mapping[str, Any], folder: Path) -> list[Path]:
    """A PNG per kind of query in ``folder``, from what :func:`.study.study` gave.

    Raises:
        InvalidRequest: matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InvalidRequest("plots need matplotlib: install ltrr with its extra `dev`") from error
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for kind, row in result["never_clicked"].items():
        figure = Figure(figsize=(7, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        curve = row["curve"]
        axes.plot([int(one) for one in curve], list(curve.values()), "o-", label="learning")
        for (name, label), style in zip(_BARS.items(), (":", "--", "-."), strict=True):
            axes.axhline(row[name], linestyle=style, color="grey", label=label)
        axes.set_xscale("log")
        axes.set_xlabel("simulated sessions")
        axes.set_ylabel("nDCG@10")
        axes.set_title(f"Never-clicked queries: {kind} ({row['queries']})")
        axes.legend()
        path = folder / f"never-clicked-{kind}.png"
        figure.savefig(path, dpi=120)
        drawn.append(path)
    return drawn
