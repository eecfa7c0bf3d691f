from __future__ import annotations

from pathlib import Path

import pytest

from plugin.engine.failure import reason_of_death

PORT = """\
warning: no-jdk distributions that do not bundle a JDK are deprecated
[2026-11-22T16:42:43,275][INFO ][o.o.n.Node] [ltrr] starting ...
[2026-11-22T16:42:43,301][ERROR][o.o.b.OpenSearchUncaughtExceptionHandler] [ltrr] uncaught exception
org.opensearch.bootstrap.StartupException: BindHttpException[Failed to bind to 127.0.0.1:9200]
Likely root cause: java.net.BindException: Address already in use
\tat java.base/sun.nio.ch.Net.bind0(Native Method)
For complete error details, refer to the log at /somewhere/ltrr.log
"""
MEMORY = "OpenJDK 64-Bit Server VM warning: INFO: os::commit_memory failed; \
error='Cannot allocate memory'\n"
FLAG = "Unrecognized VM option 'UseNothing'\nError: Could not create the Java Virtual Machine.\n"


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (PORT, "Address already in use"),
        (PORT, "Another program took its port"),
        (MEMORY, "not enough free memory"),
        (FLAG, "UseNothing"),
        ("something odd happened\n", "something odd happened"),
        ("", "is empty"),
    ],
)
def test_the_reason_is_taken_from_the_log(tmp_path: Path, log: str, told: str) -> None:
    path = tmp_path / "console.log"
    path.write_text(log)
    assert told in reason_of_death(path)


def test_the_root_cause_comes_first_and_the_log_is_named(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    path.write_text(PORT)
    reason = reason_of_death(path)
    assert reason.startswith("Likely root cause: java.net.BindException")
    assert str(path) in reason
    assert "\tat " not in reason


def test_without_a_log_that_is_said(tmp_path: Path) -> None:
    assert "no log" in reason_of_death(tmp_path / "none.log")
