"""A second program beside the node, such as the model server, started and stopped like it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plugin.engine.base import Reporter
from plugin.engine.http import Http
from plugin.engine.lock import held
from plugin.engine.places import Places
from plugin.engine.ports import LOOPBACK, choose_port
from plugin.engine.process import start_program, stop_program
from plugin.engine.record import Record, process_of, read_record


@dataclass(frozen=True, slots=True)
class Companion:
    """A program that listens on a loopback port.

    ``command`` makes its argument list for a port. ``details`` is what it was configured with:
    when that has changed since it was started, it is started again. ``port`` is the wanted port;
    where that is taken, another is chosen and kept over restarts.
    """

    places: Places
    name: str
    command: Callable[[int], Sequence[str]]
    port: int
    details: Mapping[str, str] = field(default_factory=dict)
    health: str = "/health"
    patience_s: float = 180.0

    def up(self, report: Reporter) -> Record:
        """Start it unless it runs, answers, and is configured as wanted.

        Raises:
            EngineError: it cannot be made to run; the message says why.
        """
        path = self.places.record(self.name)
        with held(self.places, report):
            known = read_record(path)
            if known and process_of(known):
                if known.details == self._noted and self._answers(known.port):
                    return known
                stop_program(path)
            report.say(f"Starting the {self.name.replace('-', ' ')}")
            self.places.logs.mkdir(exist_ok=True)
            port = self._choose(known)
            return start_program(
                self.name,
                self.command(port),
                record_path=path,
                log=self.places.logs / f"{self.name}.log",
                port=port,
                ready=lambda: self._answers(port),
                timeout_s=self.patience_s,
                details=self._noted,
            )

    def down(self, report: Reporter) -> bool:
        """Stop what :meth:`up` started, and nothing else."""
        path = self.places.record(self.name)
        if not path.exists():
            return False
        with held(self.places, report):
            return stop_program(path)

    def status(self) -> Record | None:
        """Its record, if it runs and answers."""
        record = read_record(self.places.record(self.name))
        runs = record is not None and process_of(record) is not None
        return record if record and runs and self._answers(record.port) else None

    @property
    def _noted(self) -> Mapping[str, str]:
        return {**self.details, "wanted_port": str(self.port)}

    def _choose(self, known: Record | None) -> int:
        same_wish = known is not None and known.details.get("wanted_port") == str(self.port)
        preferred = known.port if known and same_wish else self.port
        return choose_port(preferred, f"{self.places.state} {self.name}")

    def _answers(self, port: int) -> bool:
        with Http(f"http://{LOOPBACK}:{port}") as http:
            return http.send("GET", self.health)[0] == 200
