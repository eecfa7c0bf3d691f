"""A study's result as a table for people: what was asked for, and what was reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def table(result: Mapping[str, Any]) -> str:
    """The table in Markdown. What was not measured says so."""
    lines = ["| measured with simulated choices | reached |", "|---|---|"]
    lines += [f"| {what} | {reached} |" for what, reached in _rows(result)]
    return "\n".join(
        [
            *lines,
            "",
            f"{result['sessions']} sessions, mean of {result['seeds']} seeds, on the "
            f"{result['on']} split, {result['seconds']} s. Click model: {result['click_model']}.",
        ]
    )


def _rows(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, row in result["never_clicked"].items():
        yield (
            f"never-clicked queries, {kind} ({row['queries']})",
            f"nDCG@10 {row['full']}: t {row['t']}, h {row['h']} (trained {row['static_trained']}, "
            f"hindsight {row['static_in_hindsight']}, uniform {row['uniform']})",
        )
        curve = ", ".join(f"{sessions}: {ndcg}" for sessions, ndcg in row["curve"].items())
        yield f"its curve over sessions, {kind}", curve
    begin = result["early"]
    worst = min((one["full"] - one["uniform"] for one in begin.values()), default=None)
    yield "worst against uniform blending at 100 … 500 sessions", _said(worst and round(worst, 4))
    for visits, h in result["repeated"].items():
        best = _said(result["bounds"][visits])
        yield f"repeated queries, visits {visits}", f"h {_said(h)} (perfect order: {best})"
    best = _said(result["bounds"]["served"])
    yield "served, the last 2,000 sessions", f"t {_said(result['served']['t'])} (perfect: {best})"
    yield "regret turns negative from session", _said(result["regret"]["negative_from"], "never")
    for name in ("cost", "drift", "noise", "ope"):
        row = result[name]
        plain = {k: v for k, v in (row or {}).items() if not isinstance(v, dict | list)}
        yield name, _said(row and ", ".join(f"{k} {v}" for k, v in plain.items()))
    for name, row in (result["ablations"] or {}).items():
        kinds = ", ".join(f"{kind} {ndcg}" for kind, ndcg in row["never_clicked"].items())
        yield f"switched off: {name}", f"never-clicked {kinds}; served {row['served']}"


def _said(value: Any, missing: str = "not measured") -> str:
    return missing if value is None else str(value)
