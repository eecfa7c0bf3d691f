"""Start, watch and stop programs that go on running after we are gone."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from plugin.engine.account import Account
from plugin.engine.ports import is_free
from plugin.engine.record import Record, process_of, read_record, write_record
from plugin.errors import EngineError

# The shell starts the program, prints its process id and ends, so that the program becomes an
# orphan: nobody has to wait for it, and it does not die with us. Its arguments are passed as they
# are; the shell never parses them.
_DETACH = 'log=$1; shift; "$@" >"$log" 2>&1 </dev/null & echo $!'

_POLL_S = 0.2
_LINGERING_S = 3.0


def start_program(
    name: str,
    argv: Sequence[str],
    *,
    record_path: Path,
    log: Path,
    port: int,
    ready: Callable[[], bool],
    timeout_s: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    details: Mapping[str, str] | None = None,
    explain: Callable[[Path], str] | None = None,
) -> Record:
    """Run ``argv`` in the background, note it in ``record_path``, and wait until it is ready.

    ``log`` is written anew with all that the program prints. ``env`` None means ours. ``explain``
    finds the reason in the log of a program that died; without it, the log's last lines are it.

    Raises:
        EngineError: it died, or was not ready within ``timeout_s`` (it is stopped then).
    """
    try:
        started = subprocess.run(
            ["/bin/sh", "-c", _DETACH, "sh", str(log), *argv],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            check=True,
            env=env,
            cwd=cwd,
            start_new_session=True,
            umask=0o022,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        pid = int(started.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise EngineError(f"{name} cannot be started: {error}") from error
    reason = explain or last_lines
    try:
        process = psutil.Process(pid)
        record = Record(name, pid, process.create_time(), port, dict(details or {}))
    except psutil.NoSuchProcess:
        raise EngineError(f"{name} ended at once: {reason(log)}") from None
    write_record(record_path, record)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process_of(record) is None:
            raise EngineError(f"{name} died while it started: {reason(log)}")
        if ready():
            return record
        time.sleep(_POLL_S)
    stop_record(record)
    raise EngineError(
        f"{name} was not ready within {timeout_s:.0f} s, so it was stopped. Its log {log} ends:"
        f" {last_lines(log)}"
    )


def stop_program(record_path: Path, patience_s: float = 30.0) -> bool:
    """Stop what ``record_path`` notes, and only that; False when it was not running.

    The record stays: it remembers the port.
    """
    record = read_record(record_path)
    return record is not None and stop_record(record, patience_s)


def stop_record(record: Record, patience_s: float = 30.0) -> bool:
    """Ask the recorded process to end, kill it after ``patience_s``; False when it is gone.

    Processes that it started itself and left behind are killed.
    """
    process = process_of(record)
    if process is None:
        return False
    try:
        children = process.children(recursive=True)
        process.terminate()
        deadline = time.monotonic() + patience_s
        while process_of(record) is not None:
            if time.monotonic() > deadline:
                process.kill()
                deadline = float("inf")
            time.sleep(_POLL_S / 2)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        raise EngineError(
            f"{record.name} (process {record.pid}) was started by another user, so we may not"
            " stop it. Run the same command as that user."
        ) from None
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()  # psutil looks at its creation time first
    # The first thread of a process can be a zombie while another one, still ending, holds the
    # socket: whoever starts again at once would find its own port taken, and choose another.
    deadline = time.monotonic() + _LINGERING_S
    while not is_free(record.port) and time.monotonic() < deadline:
        time.sleep(_POLL_S / 10)
    return True


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for an error message."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return f"there is no log at {log}"
    kept = [line.strip() for line in lines if line.strip()][-count:]
    return "\n  ".join(kept) or f"its log {log} is empty"
