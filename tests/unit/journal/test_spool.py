"""The spool: what was appended survives the process that appended it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandit_service.journal.entries import Entry
from bandit_service.journal.segments import segment_paths
from bandit_service.journal.spool import Adopted, Spool, adopt
from plugin.errors import InvalidRequest, SpoolFull, TooLarge


def entry(id: str, **body: object) -> Entry:
    return Entry(id, "feedback", "t-journal-000001", 1, body, query_id="q", session="s")


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    opened = Spool(tmp_path / "spool", max_bytes=2**20, segment_bytes=1000)
    yield opened
    opened.close()


def drain(source: Spool | Adopted, limit: int = 7) -> list[str]:
    found: list[str] = []
    while (batch := source.read(limit)) is not None:
        found += [one.id for one in batch.entries]
        source.done(batch)
    return found


def test_entries_come_out_whole_and_in_order_over_segments(spool: Spool) -> None:
    written = [entry(f"e{number}", text='ü " \n | €', number=number) for number in range(100)]
    for one in written:
        spool.append(one)
    assert len(segment_paths(spool.folder)) > 5
    read: list[Entry] = []
    while (batch := spool.read(7)) is not None:
        assert spool.read(7) == batch  # until it is done it is read again
        read += batch.entries
        spool.done(batch)
    assert read == written
    assert spool.waiting_bytes == 0
    assert len(segment_paths(spool.folder)) == 1


def test_an_entry_is_found_until_it_is_shipped(spool: Spool) -> None:
    spool.append(entry("q:p:0", ranked=["a"]))
    found = spool.find("q:p:0")
    assert found is not None
    assert found.body["ranked"] == ["a"]
    drain(spool)
    assert spool.find("q:d") is None


def test_another_process_on_the_machine_finds_it_too(spool: Spool) -> None:
    spool.append(entry("q:p:0", ranked=["a"]))
    other = Spool(spool.root, max_bytes=2**20)
    found = other.find("q:p:0")
    other.close()
    assert found is not None
    assert found.body["ranked"] == ["a"]


def test_a_full_spool_says_so_writes_nothing_and_takes_more_once_drained(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", max_bytes=1000)
    accepted = [f"e{number}" for number in range(5)]
    for one in accepted:
        spool.append(entry(one))
    with pytest.raises(SpoolFull, match="LTRR_SPOOL_MB"):
        spool.append(entry("too much", text="x" * 500))
    assert drain(spool) == accepted
    spool.append(entry("again"))
    assert drain(spool) == ["again"]
    spool.close()


def test_a_disk_that_refuses_is_a_full_spool_and_what_follows_is_whole(
    spool: Spool, tmp_path: Path
) -> None:
    import resource

    spool.append(entry("before"))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = segment_paths(spool.folder)[-1]
    # A file may grow by 20 bytes only: the next line is cut in the middle, as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
    try:
        with pytest.raises(SpoolFull, match="Make room"):
            spool.append(entry("during"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    spool.append(entry("after"))
    assert drain(spool) == ["before", "after"]
    assert spool.damaged == 0


def test_a_segment_that_cannot_be_begun_is_a_full_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", max_bytes=2**20, segment_bytes=1)
    spool.append(entry("first"))
    following = spool.folder / "00000002.log"
    following.mkdir()
    with pytest.raises(SpoolFull, match="Make room"):
        spool.append(entry("during"))
    following.rmdir()
    spool.append(entry("after"))
    assert drain(spool) == ["first", "after"]
    spool.close()


def test_what_was_shipped_leaves_its_room_on_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", max_bytes=2**20)
    for number in range(80):
        spool.append(entry(f"e{number}", text="x" * 1000))
    (full,) = segment_paths(spool.folder)
    assert full.stat().st_size > 80_000
    batch = spool.read(79)
    assert batch is not None
    spool.done(batch)
    assert segment_paths(spool.folder) == [full]  # the last one still waits in it
    assert drain(spool) == ["e79"]
    (fresh,) = segment_paths(spool.folder)
    assert fresh.stat().st_size == 0
    spool.append(entry("next"))
    assert drain(spool) == ["next"]
    spool.close()


def test_a_closed_spool_takes_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", max_bytes=2**20)
    spool.close()
    with pytest.raises(SpoolFull, match="about to end"):
        spool.append(entry("late"))


def test_a_damaged_line_costs_only_itself(spool: Spool) -> None:
    for number in range(3):
        spool.append(entry(f"e{number}"))
    path = segment_paths(spool.folder)[0]
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"e1"', b'"eX"'))
    assert drain(spool) == ["e0", "e2"]
    assert spool.damaged == 1


def test_an_entry_that_json_cannot_say_or_that_is_huge_is_refused(spool: Spool) -> None:
    with pytest.raises(InvalidRequest, match="JSON"):
        spool.append(entry("e", thing=object()))
    with pytest.raises(TooLarge):
        spool.append(entry("e", text="x" * 5_000_000))
    assert drain(spool) == []


def test_a_spool_needs_room(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="LTRR_SPOOL_MB"):
        Spool(tmp_path, max_bytes=0)


def test_the_living_are_not_adopted(spool: Spool) -> None:
    other = Spool(spool.root, max_bytes=2**20)
    spool.append(entry("mine"))
    assert adopt(other) == []
    other.close()


def test_a_clean_end_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=2**20)
    spool.append(entry("e"))
    drain(spool)
    spool.close()
    assert list(tmp_path.iterdir()) == []


def test_threads_may_append_at_once(spool: Spool) -> None:
    def write(name: str) -> None:
        for number in range(100):
            spool.append(entry(f"{name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = drain(spool)
    assert len(found) == len(set(found)) == 400
    for name in "abcd":
        mine = [one for one in found if one.startswith(name)]
        assert mine == [f"{name}{number}" for number in range(100)]


def test_kill_9_loses_nothing_that_was_appended(tmp_path: Path) -> None:
    writer = textwrap.dedent(
        """
        import itertools, sys
        from pathlib import Path
        from bandit_service.journal.entries import Entry
        from bandit_service.journal.spool import Spool

        spool = Spool(Path(sys.argv[1]), max_bytes=2**28, segment_bytes=5000)
        for number in itertools.count():
            spool.append(Entry(f"e{number}", "feedback", "i", 1, {"text": "x" * 300}))
            print(number, flush=True)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", writer, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = -1
    while acknowledged < 500:
        acknowledged = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split()
    child.stdout.close()
    child.wait()
    whole = [int(line) for line in rest if line.isdigit()]
    acknowledged = max([acknowledged, *whole[:-1]])

    survivor = Spool(tmp_path, max_bytes=2**28)
    # Half a line at the end, as a kill in the middle of a write leaves it.
    (dead,) = {path.parent for path in tmp_path.glob("*/*.log")} - {survivor.folder}
    with segment_paths(dead)[-1].open("ab") as file:
        file.write(b'400 0badc0de {"id": "torn')
    (orphan,) = adopt(survivor)
    assert adopt(survivor) == []  # it is ours now
    found = drain(orphan, limit=1000)
    assert found[: acknowledged + 1] == [f"e{number}" for number in range(acknowledged + 1)]
    assert len(found) <= acknowledged + 3
    orphan.remove()
    assert not dead.exists()
    survivor.close()


def test_a_disk_that_cannot_sync_is_told_and_tried_again(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    spool.append(entry("e1"))
    with monkeypatch.context() as sick:
        sick.setattr("bandit_service.journal.spool.os.fsync", fails)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output"):
                spool.sync()
    spool.sync()
    assert drain(spool) == ["e1"]  # and it can be shipped all the while
