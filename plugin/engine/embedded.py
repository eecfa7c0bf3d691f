"""The embedded engine: a node of this checkout, downloaded, started and stopped by us."""

from __future__ import annotations

import time

from plugin.engine.account import Account
from plugin.engine.artifacts import ArtifactSet
from plugin.engine.base import Reporter, Running
from plugin.engine.distribution import assemble, distribution_folder
from plugin.engine.download import Address
from plugin.engine.http import Http
from plugin.engine.java import Java, find_java
from plugin.engine.lock import held
from plugin.engine.node import NodePlan, answers, start_node
from plugin.engine.places import NODE, Places, prepare_places
from plugin.engine.ports import LOOPBACK
from plugin.engine.preparing import red_indexes
from plugin.engine.process import stop_program
from plugin.engine.record import Record, process_of, read_record
from plugin.errors import EngineError

# How long a node that runs but does not answer may be busy, or be starting by itself because the
# `up` that started it was killed.
_SILENCE_S = 60.0

_RECOVERY_S = 60


class EmbeddedEngine:
    """One node per state folder. ``java`` None means: find one."""

    def __init__(
        self,
        places: Places,
        artifacts: ArtifactSet,
        address: Address,
        report: Reporter,
        *,
        java_home: str = "",
        java: Java | None = None,
    ) -> None:
        self._places = places
        self._artifacts = artifacts
        self._address = address
        self._report = report
        self._java_home = java_home
        self._java = java
        self._record_path = places.record(NODE)

    def up(self) -> Running:
        """Start the node unless it runs and answers; whatever is half started is replaced.

        It starts on the data and, when that is free, on the port that it had before.

        Raises:
            EngineError: it cannot be made to run; the message says why.
        """
        account = prepare_places(self._places)
        with held(self._places, self._report):
            known = read_record(self._record_path)
            if known and process_of(known):
                if self._is_current(known) and (running := self._await_answer(known)):
                    return running
                self._report.say("The node does not answer as it should: starting it again")
                stop_program(self._record_path)
            record = self._start(account, known.port if known else None)
            running = self._describe(record, started=True)
        if running is None:
            raise EngineError("OpenSearch started, but does not answer any more. Run `ltrr up`.")
        return running

    def down(self) -> bool:
        """Stop the node that :meth:`up` started, and nothing else."""
        if not self._record_path.exists():
            return False
        with held(self._places, self._report):
            return stop_program(self._record_path)

    def status(self) -> Running | None:
        """The node, if it runs and answers."""
        record = read_record(self._record_path)
        return self._describe(record) if record and process_of(record) else None

    def _start(self, account: Account | None, port: int | None) -> Record:
        java = self._java or find_java(self._places, account, self._java_home)
        distribution = assemble(self._places, self._artifacts, self._address, self._report)
        self._report.say(
            f"Starting OpenSearch {self._artifacts.distribution.version} on Java {java.version}"
            f" ({java.origin}); this takes about half a minute"
        )
        return start_node(
            NodePlan(
                folder=self._places.node,
                record_path=self._record_path,
                distribution=distribution,
                java=java,
                account=account,
                preferred_port=port,
                ml_commons=True,
            )
        )

    def _is_current(self, record: Record) -> bool:
        wanted = distribution_folder(self._places, self._artifacts).name
        return record.details.get("distribution") == wanted

    def _await_answer(self, record: Record) -> Running | None:
        deadline = time.monotonic() + _SILENCE_S
        while (running := self._describe(record)) is None:
            if process_of(record) is None or time.monotonic() > deadline:
                return None
            time.sleep(0.5)
        return running

    def _describe(self, record: Record, *, started: bool = False) -> Running | None:
        url = f"http://{LOOPBACK}:{record.port}"
        ml_commons = record.details.get("ml_commons") == "yes"
        with Http(url) as http:
            if not answers(http, ml_commons=ml_commons):
                return None
            banner = http.ask("GET", "/")
            plugins = http.ask("GET", "/_cat/plugins?format=json")
            red = red_indexes(http, wait_s=_RECOVERY_S if started else 0)
        if banner is None or plugins is None:
            return None
        return Running(
            url=url,
            engine="embedded",
            version=banner["version"]["number"],
            plugins=tuple(sorted({plugin["component"] for plugin in plugins})),
            ml_commons=ml_commons,
            pid=record.pid,
            started=started,
            notes=(_lost(red, self._places),) if red else (),
        )


def _lost(red: tuple[str, ...], places: Places) -> str:
    return (
        f"these indexes did not recover (their files may be damaged): {', '.join(red)}. Delete them"
        f" and load them again; the node's log in {places.node / 'logs'} says more."
    )
