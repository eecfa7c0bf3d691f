"""The embedded engine: a node of this checkout, downloaded, started and stopped by us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from plugin.engine.artifacts import ArtifactSet
from plugin.engine.base import Reporter, Running
from plugin.engine.distribution import assemble, distribution_folder
from plugin.engine.download import Address
from plugin.engine.http import Http
from plugin.engine.java import find_java
from plugin.engine.node import NodePlan, is_ready, start_node
from plugin.engine.places import Places, prepare_places
from plugin.engine.ports import LOOPBACK
from plugin.engine.process import stop_program
from plugin.engine.record import Record, process_of, read_record
from plugin.errors import EngineError

NODE = "node"
_LOCK_PATIENCE_S = 900.0


class EmbeddedEngine:
    """One node per state folder."""

    def __init__(
        self,
        places: Places,
        artifacts: ArtifactSet,
        address: Address,
        report: Reporter,
        *,
        java_home: str = "",
    ) -> None:
        self._places = places
        self._artifacts = artifacts
        self._address = address
        self._report = report
        self._java_home = java_home
        self._record_path = places.record(NODE)

    def up(self) -> Running:
        """Start the node unless it runs and answers; whatever is half started is replaced.

        Raises:
            EngineError: it cannot be made to run; the message says why.
        """
        account = prepare_places(self._places)
        with self._locked():
            known = read_record(self._record_path)
            if known and process_of(known):
                if self._fits(known) and (running := self._describe(known)):
                    return running
                self._report.say("The node does not answer as it should: starting it again")
                stop_program(self._record_path)
            java = find_java(self._places, account, self._java_home)
            distribution = assemble(self._places, self._artifacts, self._address, self._report)
            self._report.say(f"Starting OpenSearch on Java {java.version} ({java.origin})")
            record = start_node(
                NodePlan(
                    folder=self._places.node,
                    record_path=self._record_path,
                    distribution=distribution,
                    java=java,
                    account=account,
                    preferred_port=known.port if known else None,
                    ml_commons=True,
                )
            )
            running = self._describe(record, started=True)
        if running is None:
            raise EngineError("OpenSearch started, but does not answer any more. Run `ltrr up`.")
        return running

    def down(self) -> bool:
        """Stop the node that :meth:`up` started, and nothing else."""
        if not self._record_path.exists():
            return False
        with self._locked():
            return stop_program(self._record_path)

    def status(self) -> Running | None:
        """The node, if it runs and answers."""
        record = read_record(self._record_path)
        return self._describe(record) if record and process_of(record) else None

    def _fits(self, record: Record) -> bool:
        wanted = distribution_folder(self._places, self._artifacts).name
        return record.details.get("distribution") == wanted

    def _describe(self, record: Record, *, started: bool = False) -> Running | None:
        url = f"http://{LOOPBACK}:{record.port}"
        ml_commons = record.details.get("ml_commons") == "yes"
        with Http(url) as http:
            if not is_ready(http, ml_commons=ml_commons):
                return None
            banner = http.ask("GET", "/")
            plugins = http.ask("GET", "/_cat/plugins?format=json")
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
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._places.lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._report.say("Another `ltrr` is starting or stopping things here: waiting for it")
            try:
                lock.acquire(timeout=_LOCK_PATIENCE_S)
            except Timeout:
                raise EngineError(
                    f"another process has held {self._places.lock} for"
                    f" {_LOCK_PATIENCE_S / 60:.0f} minutes. End it and try again."
                ) from None
        try:
            yield
        finally:
            lock.release()
