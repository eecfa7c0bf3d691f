"""Simulated visitors of a page without a search box: they do not exist, and say nothing.

Each has a taste, one value of a facet. A visitor looks at the start page, opens the page of that
value (a filter, no text), likes a few things there, and comes back to the start page. Printed is
how much of the start page was to the taste before and after.

    python examples/recommendations/visitors.py [--url URL] [--facet categories] [--json]
"""

from __future__ import annotations

import argparse
import secrets
from typing import Any

import orjson

from ltrr.client import Client

PAGE = 20
LIKED = 4


def main() -> None:
    """Let the visitors in, one after the other."""
    wanted = argparse.ArgumentParser(description="Simulated visitors who say nothing.")
    wanted.add_argument("--url", default="http://127.0.0.1:8642", help="the sidecar")
    wanted.add_argument("--facet", default="categories", help="the field of their tastes")
    wanted.add_argument("--visitors", type=int, default=3)
    wanted.add_argument("--json", action="store_true")
    asked = wanted.parse_args()
    with Client(asked.url) as client:
        tastes = most_frequent(client, asked.facet, asked.visitors)
        seen = [visit(client, asked.facet, taste) for taste in tastes]
    if asked.json:
        print(orjson.dumps({"simulated": True, "visitors": seen}).decode())
        return
    print(f"{len(seen)} simulated visitors; share of the start page that is to their taste:")
    for one in seen:
        print(f"  {one['taste']:<24} before {one['before']:.0%}, after {one['after']:.0%}")


def most_frequent(client: Client, facet: str, count: int) -> list[str]:
    """The most frequent values of the facet, counted with the empty query's page."""
    answer = client.search("", facets=[facet], size=1, learn=False)
    return [value["value"] for value in answer["facets"][facet]][:count]


def visit(client: Client, facet: str, taste: str) -> dict[str, Any]:
    """One visit: the start page, the taste's own page, likes there, the start page again."""
    who = {"user": f"simulated-{secrets.token_hex(4)}", "session": secrets.token_hex(8)}
    before = client.search("", size=PAGE, **who)
    opened = client.search("", size=PAGE, filters={facet: taste}, **who)
    liked = [hit["id"] for hit in opened["hits"][:LIKED]]
    client.feedback(
        [{"query_id": opened["query_id"], "object_id": id, "action": "like"} for id in liked]
    )
    after = client.search("", size=PAGE, **who)
    return {
        "taste": taste,
        "liked": liked,
        "before": share(before["hits"], facet, taste),
        "after": share(after["hits"], facet, taste),
        "strategies": sorted({one["strategy"] for one in after["decision"] if one["included"]}),
    }


def share(hits: list[dict[str, Any]], facet: str, taste: str) -> float:
    """The part of a page, 0 to 1, that has the value."""
    return sum(taste in (hit["source"].get(facet) or ()) for hit in hits) / max(len(hits), 1)


if __name__ == "__main__":
    main()
