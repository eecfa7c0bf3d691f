"""The rules that hold: those of the file and those that came through the API.

The latter are one document of the ``state`` index, so that a change is whole or not at all; every
sidecar looks at it again each second or two, and serves the last good ones meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from bandit_service.rules.effects import Effects, Rules
from plugin.assets.rules import MOST_RULES, ReadFilters, Rule, rule_of
from plugin.cluster import Cluster, ResponseError
from plugin.errors import InvalidRequest, LtrrError, NotFound, Unavailable

_ID: Final = "rules"
_TRIES = 5
MOST_BYTES = 500_000
"""Every sidecar reads all rules, and every query may carry the ids of those that block."""

log = logging.getLogger(__name__)


class RuleBook:
    """Reads, serves and changes rules. Safe to share between threads.

    ``filed`` are the rules of the assets, which the API cannot change; ``filters`` reads those of
    the others; ``cluster`` None keeps to the file.
    """

    def __init__(
        self,
        cluster: Cluster | None,
        filters: ReadFilters,
        filed: Sequence[Rule] = (),
        *,
        interval_s: float = 1.5,
    ) -> None:
        self._cluster = cluster
        self._filters = filters
        self._filed = {rule.id: rule for rule in filed}
        self._interval_s = interval_s
        self._seen: tuple[int, int] | None = None
        self._stored: dict[str, Rule] = {}
        self._rules = Rules(self._filed.values())
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def effects(self, key: str) -> Effects:
        """What holds for the query with this memory key. Never waits."""
        return self._rules.effects(key)

    def listed(self) -> list[tuple[Rule, str]]:
        """Every rule that is known here with where it is from, ``file`` or ``api``, by id."""
        with self._lock:
            known = [
                *((rule, "file") for rule in self._filed.values()),
                *((rule, "api") for rule in self._stored.values()),
            ]
        return sorted(known, key=lambda pair: pair[0].id)

    def put(self, id: str, given: Mapping[str, Any]) -> Rule:
        """Add or replace a rule; it holds here at once and elsewhere within seconds.

        Raises:
            InvalidRequest: it cannot be used, is one of the file's, or is one too many.
            Unavailable: it could not be stored, or others change rules all the time.
        """
        self._changeable(id)
        rule = rule_of(id, given, self._filters)

        def change(stored: dict[str, Any]) -> None:
            if id not in stored and len(stored) + len(self._filed) >= MOST_RULES:
                raise InvalidRequest(f"there are {MOST_RULES} rules already. Delete some first.")
            stored[id] = rule.told()
            if len(orjson.dumps(stored)) > MOST_BYTES:
                raise InvalidRequest(
                    f"all rules together are longer than {MOST_BYTES:,} bytes. Delete some first, "
                    "or block and boost by filters rather than by ids."
                )

        self._change(change)
        return rule

    def delete(self, id: str) -> None:
        """Take a rule of the API away. Raises NotFound, and what :meth:`put` does."""
        self._changeable(id)

        def change(stored: dict[str, Any]) -> None:
            if stored.pop(id, None) is None:
                raise NotFound(f"there is no rule {id[:64]!r}. GET /_ltrr/rules lists them.")

        self._change(change)

    def look(self) -> bool:
        """Read what is stored; True when it was new. Raises NodeUnavailable."""
        version, stored = self._read()
        if version == self._seen:
            return False
        self._take(version, stored)
        return True

    def start(self) -> None:
        """Begin to follow changes of others; whoever starts must :meth:`stop`."""
        self._thread = threading.Thread(target=self._run, name="ltrr-rules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _changeable(self, id: str) -> None:
        if id in self._filed:
            raise InvalidRequest(f"rule {id!r} stands in rules.toml. Change it there.")
        if self._cluster is None:
            raise Unavailable("rules cannot be changed here: there is no cluster to keep them.")

    def _path(self) -> str:
        return f"/{self._cluster.name('state')}/_doc/{_ID}" if self._cluster else ""

    def _read(self) -> tuple[tuple[int, int] | None, dict[str, Any]]:
        """Version (seq_no, primary term) and rules of the document; None while there is none."""
        found = self._cluster.find(self._path()) if self._cluster else None
        if not found or not found.get("found"):
            return None, {}
        body = found.get("_source", {}).get("body", {})
        return (found["_seq_no"], found["_primary_term"]), dict(body.get("rules", {}))

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        assert self._cluster is not None  # noqa: S101 - see _changeable
        for _ in range(_TRIES):
            version, stored = self._read()
            change(stored)
            params = (
                {"op_type": "create"}
                if version is None
                else {"if_seq_no": version[0], "if_primary_term": version[1]}
            )
            document = {"kind": _ID, "body": {"rules": stored}}
            try:
                answer = self._cluster.request("PUT", self._path(), document, params=params)
            except ResponseError as error:
                if error.response_status != 409:
                    raise
                continue  # somebody was faster: their change stays, and ours is made on top
            self._take((answer["_seq_no"], answer["_primary_term"]), stored)
            return
        raise Unavailable("others change the rules at this moment. Try again.")

    def _take(self, version: tuple[int, int] | None, stored: Mapping[str, Any]) -> None:
        rules: dict[str, Rule] = {}
        for id, given in stored.items():
            if id in self._filed:
                continue  # the file was changed since: it is what was reviewed
            try:
                rules[id] = rule_of(id, given, self._filters)
            except (InvalidRequest, TypeError, AttributeError) as error:
                # A field may have gone since; one rule that fits no more must not end the others.
                log.warning("rule %s is left out: %s", id, error)
        with self._lock:
            self._seen = version
            self._stored = rules
            self._rules = Rules([*self._filed.values(), *rules.values()])

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except LtrrError as error:
                log.debug("no look at the rules: %s", error.message)
            except Exception:
                # The thread must go on, or this sidecar would serve old rules for ever.
                log.exception("the look at the rules failed; the last good ones hold")
            self._stop.wait(self._interval_s)
