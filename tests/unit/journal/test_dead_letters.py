"""What OpenSearch refused is kept for people to look at, and goes with who is forgotten."""

from __future__ import annotations

import threading
from pathlib import Path

import orjson

from bandit_service.journal.dead_letters import bury, erase
from bandit_service.journal.entries import Entry


def letter(number: int, user: str) -> Entry:
    return Entry(f"q{number}:d", "decision", "t-journal-000001", number, {"query": "x"}, user=user)


def test_only_the_lines_of_whom_to_forget_go(tmp_path: Path) -> None:
    path = tmp_path / "state" / "dead-letters.jsonl"
    assert erase(path, lambda line: True) == 0
    for number, user in enumerate(["ann", "bob", "ann"]):
        bury(path, letter(number, user), "a mapping conflict")
    assert erase(path, lambda line: b'"ann"' in line) == 2
    (left,) = path.read_bytes().splitlines()
    assert orjson.loads(left)["entry"]["user"] == "bob"
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_buried_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "dead-letters.jsonl"
    bury(path, letter(0, "bob"), "")

    def bury_many(worker: int) -> None:
        for number in range(50):
            bury(path, letter(1 + worker * 50 + number, "bob"), "")

    threads = [threading.Thread(target=bury_many, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):
        bury(path, letter(1_000 + number, "ann"), "")
        erase(path, lambda line: b'"ann"' in line)
    for thread in threads:
        thread.join()
    ids = [orjson.loads(line)["entry"]["id"] for line in path.read_bytes().splitlines()]
    assert sorted(ids) == sorted(f"q{number}:d" for number in range(151))
