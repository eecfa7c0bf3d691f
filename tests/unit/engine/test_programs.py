"""Programs in the background: started, recorded, stopped, and never someone else's."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from plugin.engine.process import start_program, stop_program, stop_record
from plugin.engine.record import Record, process_of, read_record, write_record
from plugin.errors import EngineError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not ours to stop."""
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def start(folder: Path, argv: list[str] = SLEEP, **options: object) -> Record:
    settings = {"ready": lambda: True, "timeout_s": 20.0, **options}
    return start_program(
        "tool",
        argv,
        record_path=folder / "tool.json",
        log=folder / "tool.log",
        port=1234,
        **settings,
    )


def record_of(process: subprocess.Popen[bytes]) -> Record:
    created = psutil.Process(process.pid).create_time()
    return Record("tool", process.pid, created, port=1)


def test_a_process_with_the_same_id_but_another_birth_is_never_touched(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    true = record_of(stranger)
    write_record(tmp_path / "tool.json", replace(true, create_time=true.create_time - 60))
    assert process_of(read_record(tmp_path / "tool.json")) is None
    assert stop_program(tmp_path / "tool.json") is False
    assert stranger.poll() is None


def test_a_process_that_ended_but_was_not_reaped_counts_as_gone(
    stranger: subprocess.Popen[bytes],
) -> None:
    record = record_of(stranger)
    assert process_of(record) is not None
    psutil.Process(stranger.pid).kill()
    deadline = time.monotonic() + 10
    while process_of(record) is not None:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "name": 1}', "null"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "tool.json").write_text(text)
    assert read_record(tmp_path / "tool.json") is None
    assert stop_program(tmp_path / "tool.json") is False


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record("tool", 12, 34.5, 67, {"java": "25"})
    write_record(tmp_path / "tool.json", record)
    assert read_record(tmp_path / "tool.json") == record


def test_what_was_started_runs_is_recorded_and_can_be_stopped(tmp_path: Path) -> None:
    record = start(tmp_path, details={"a": "b"})
    assert process_of(record) is not None
    assert read_record(tmp_path / "tool.json") == record
    assert stop_program(tmp_path / "tool.json") is True
    assert process_of(record) is None
    assert stop_program(tmp_path / "tool.json") is False


def test_arguments_reach_the_program_as_they_are(tmp_path: Path) -> None:
    odd = "a 'b' \"c\" $HOME `id` ; * \\"
    argv = [sys.executable, "-c", "import sys; print(sys.argv[1])", odd]
    log = tmp_path / "tool.log"
    with pytest.raises(EngineError):
        start(tmp_path, argv, ready=lambda: False)
    assert log.read_text().strip() == odd


def test_a_program_that_dies_tells_its_last_words(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('the flux is broken')"]
    with pytest.raises(EngineError, match="the flux is broken"):
        start(tmp_path, argv, ready=lambda: False)


def test_a_program_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no-such-program"):
        start(tmp_path, ["no-such-program"], ready=lambda: False)


def test_a_program_that_never_gets_ready_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="not ready within 1 s"):
        start(tmp_path, ready=lambda: False, timeout_s=1.0)
    assert process_of(read_record(tmp_path / "tool.json")) is None


def test_a_program_that_ignores_the_polite_request_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True)"
    argv = [sys.executable, "-c", f"{code}; time.sleep(60)"]
    log = tmp_path / "tool.log"
    record = start(tmp_path, argv, ready=lambda: "on" in log.read_text())
    assert stop_record(record, patience_s=0.3) is True
    assert process_of(record) is None


def test_children_that_a_program_leaves_behind_are_stopped_too(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    log = tmp_path / "tool.log"
    record = start(
        tmp_path, [sys.executable, "-c", code], ready=lambda: log.read_text().endswith("\n")
    )
    child = psutil.Process(int(log.read_text()))
    assert stop_record(record) is True
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
