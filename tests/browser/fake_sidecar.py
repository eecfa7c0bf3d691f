"""A hand-written sidecar without a cluster: our own HTTP interface over a list of entities.

It answers as the real one does, so that the page's rarer states (errors, degraded strategies,
hostile texts) can be brought about at will. What a session likes moves to its top.
"""

from __future__ import annotations

import html
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from bandit_service import console

STRATEGIES = {
    "dense": "Meaning: the nearest vectors.",
    "fuzzy": "Names with letters wrong, missing or swapped.",
    "lexical": "Words, over all fields joined.",
    "memory": "What people chose for this query before.",
    "popularity": "Words, with a push for what is popular.",
}

KINDS = ("song", "artist", "album", "playlist", "station", "podcast")


def entities(count: int = 25) -> list[dict[str, Any]]:
    """``count`` entities of several kinds, the first of them for people to look at."""
    told = [
        {"type": "song", "name": "Love Story", "by": ["Taylor Swift"], "part_of": "Fearless",
         "published": "2008", "categories": ["country pop", "pop"],
         "attributes": ["romantic", "nostalgic", "2000s"]},
        {"type": "artist", "name": "Taylor Swift", "categories": ["pop", "country", "folk"],
         "attributes": ["United States"], "text": "Singer and songwriter."},
        {"type": "song", "name": "Lover", "by": ["Taylor Swift"], "part_of": "Lover",
         "published": "2019", "categories": ["pop"], "attributes": ["romantic", "dreamy"]},
        {"type": "album", "name": "Lover", "by": ["Taylor Swift"], "published": "2019",
         "categories": ["pop", "synth-pop"]},
        {"type": "playlist", "name": "Love songs for rainy days", "by": ["Invented for the demo"],
         "attributes": ["rainy day", "romantic", "calm", "sad", "lonely", "dreamy", "winter"]},
        {"type": "station", "name": "Tenderness FM", "attributes": ["romantic", "chill"]},
        {"type": "song", "name": "上を向いて歩こう", "by": ["坂本九"], "published": "1961",
         "categories": ["enka"], "attributes": ["hopeful"]},
        {"type": "podcast", "name": "The Making of a Love Song", "by": ["Invented hosts"],
         "categories": ["music history"]},
        {"type": "song", "name": "أنت عمري", "by": ["أم كلثوم"], "published": "1964",
         "categories": ["arabic pop"], "attributes": ["romantic"]},
        {"type": "song", "name": "Heroes", "by": ["David Bowie"], "part_of": "“Heroes”",
         "published": "1977", "categories": ["rock"], "attributes": ["epic"]},
    ]  # fmt: skip
    rest = [
        {"type": KINDS[n % 6], "name": f"Number {n}", "by": [f"Maker {n % 4}"]}
        for n in range(len(told), count)
    ]
    return [{"id": f"{e['type']}-{n}", **e} for n, e in enumerate([*told, *rest][:count])]


@dataclass
class Fake:
    """The state of the fake, for a test to set and to look at."""

    entities: list[dict[str, Any]] = field(default_factory=entities)
    degraded: list[str] = field(default_factory=list)
    slots: list[dict[str, Any]] = field(default_factory=list)
    corrected: str = ""
    broken: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    starts: list[dict[str, Any]] = field(default_factory=list)
    liked: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    address: str = ""

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        (self.searches if body["query"] else self.starts).append(body)
        session = body.get("session", "")
        wanted = [e for e in self.entities if e["type"] in body.get("types", [e["type"]])]
        for name, values in body.get("filters", {}).items():
            wanted = [e for e in wanted if set(values) & set(e.get(name, ()))]
        if body["query"] == "nothing":
            wanted = []
        wanted.sort(key=lambda e: e["id"] not in self.liked[session])
        start, size = body.get("from", 0), body.get("size", 10)
        part = wanted[start : start + size]
        grouped = body.get("layout") == "grouped"
        kinds = list(dict.fromkeys(e["type"] for e in part))
        if grouped:
            part = sorted(part, key=lambda e: kinds.index(e["type"]))
        hits = [_hit(e, rank, body) for rank, e in enumerate(part, start)]
        return {
            "query_id": f"q{len(self.searches)}.{session}",
            "took_ms": 23.4,
            "total": len(wanted),
            "hits": hits,
            "groups": [
                {"type": kind, "hits": [hit for hit in hits if hit["type"] == kind]}
                for kind in kinds
            ]
            if grouped
            else None,
            "facets": {
                "type": _counts(wanted, "type"),
                "attributes": _counts(wanted, "attributes"),
            }
            if body.get("facets")
            else {},
            "decision": _decision(),
            "understanding": {"slots": self.slots, "corrected": self.corrected},
            "policy_version": f"{len(self.events)}",
            "degraded": self.degraded,
        }

    def suggest(self, body: dict[str, Any]) -> dict[str, Any]:
        text = body["query"].casefold()
        found = [e for e in self.entities if e["name"].casefold().startswith(text)]
        asked = [q for q in ("love songs", "lonely night") if q.startswith(text)]
        return {
            "suggestions": [
                *({"text": q, "kind": "query", "id": None, "type": None} for q in asked),
                *(
                    {"text": e["name"], "kind": "entity", "id": e["id"], "type": e["type"]}
                    for e in found
                ),
            ][: body["size"]],
            "took_ms": 1.0,
        }


def _hit(entity: dict[str, Any], rank: int, body: dict[str, Any]) -> dict[str, Any]:
    word = body["query"]
    name = html.escape(entity["name"])
    marked = name.replace(html.escape(word.title()), f"<em>{html.escape(word.title())}</em>")
    return {
        "id": entity["id"],
        "score": 1 / (60 + rank),
        "type": entity["type"],
        "position": rank + 1,
        "source": {k: v for k, v in entity.items() if k not in ("id", "type", "collapsed")},
        "provenance": [
            {"strategy": name, "rank": rank + place + 1, "score": 9.1 / (1 + rank)}
            for place, name in enumerate(list(STRATEGIES)[rank % 3 : rank % 3 + 3])
        ],
        "collapsed": entity.get("collapsed", []),
        "highlight": {"name": [marked]} if word and marked != name else {},
        "reasons": {},
    }


def _counts(entities: list[dict[str, Any]], field: str) -> list[dict[str, Any]]:
    values = [v for e in entities for v in ([e[field]] if field == "type" else e.get(field, ()))]
    return [{"value": v, "count": count} for v, count in Counter(values).most_common()]


def _decision() -> list[dict[str, Any]]:
    told = [
        ("lexical", 0.31, 0.97, True, 60, 0.28),
        ("popularity", 0.36, 0.97, True, 66, 0.34),
        ("dense", 0.22, 0.9, True, 44, 0.2),
        ("memory", 0.19, 0.84, True, 30, 0.18),
        ("fuzzy", 0.05, 0.2, False, 0, 0.0),
    ]
    names = ("strategy", "value", "propensity", "included", "candidates", "weight")
    return [dict(zip(names, row, strict=True)) for row in told]


def _history() -> list[dict[str, Any]]:
    """Shares that drift from equal to unequal."""
    start, end = dict.fromkeys(STRATEGIES, 0.2), {
        "lexical": 0.28, "popularity": 0.34, "dense": 0.2, "memory": 0.15, "fuzzy": 0.03,
    }  # fmt: skip
    steps = 12
    return [
        {
            "decisions": 20 * n,
            "weights": {k: start[k] + (end[k] - start[k]) * (n / steps) ** 0.7 for k in start},
            "values": dict.fromkeys(STRATEGIES, 0.2),
        }
        for n in range(steps + 1)
    ]


def create(fake: Fake) -> Flask:
    app = Flask("fake_sidecar")
    app.config[console.EXAMPLES] = ("tayler love", "rainy day", "上を向いて歩こう")
    app.register_blueprint(console.blueprint)
    app.add_url_rule("/", view_func=console.page)

    @app.before_request
    def break_down() -> tuple[Response, int] | None:
        if fake.broken and request.method == "POST":
            return jsonify(error={"code": "node_unavailable", "message": "No node answers."}), 503
        return None

    app.add_url_rule(
        "/_ltrr/search", "search", lambda: fake.search(request.get_json()), methods=["POST"]
    )
    app.add_url_rule(
        "/_ltrr/suggest", "suggest", lambda: fake.suggest(request.get_json()), methods=["POST"]
    )
    contest = {"incumbent": "explorer", "challenger": "rls", "stage": "trial"}
    app.add_url_rule(
        "/_ltrr/policy",
        "policy",
        lambda: {"version": "12", "contest": contest, "history": _history()},
    )
    app.add_url_rule(
        "/_ltrr/strategies",
        "strategies",
        lambda: {"strategies": [{"name": k, "description": v} for k, v in STRATEGIES.items()]},
    )

    @app.post("/_ltrr/feedback")
    def feedback() -> tuple[Response, int]:
        event = request.get_json()
        fake.events.append(event)
        if event["action"] == "like":
            fake.liked[event["query_id"].partition(".")[2]].append(event["object_id"])
        return jsonify(accepted=1), 202

    return app


@contextmanager
def running(port: int = 0) -> Iterator[Fake]:
    """The fake behind a real HTTP server on loopback."""
    fake = Fake()
    server = make_server("127.0.0.1", port, create(fake), threaded=True)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
