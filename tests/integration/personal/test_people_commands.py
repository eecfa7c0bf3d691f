"""``ltrr graph`` and ``ltrr forget``, as people call them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import run_ltrr
from learnt_world import LearntWorld
from small_world import SECRET

from bandit_service.api.identity import Identity
from bandit_service.evaluation.judgments import load_trec

pytestmark = pytest.mark.integration


def ltrr(world: LearntWorld, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_ltrr(world.cluster, folder, SECRET, *words)


def test_forget_takes_the_id_as_it_is_sent_and_says_what_it_did(
    world: LearntWorld, tmp_path: Path
) -> None:
    world.choose("selena", "amor", user="ann@example.org", session="s1")
    world.learn()
    hashed = Identity(SECRET).user("ann@example.org")
    letters = tmp_path / "state" / "dead-letters.jsonl"
    letters.parent.mkdir()
    letters.write_text(f'{{"entry": {{"user": "{hashed}"}}}}\n{{"entry": {{"user": null}}}}\n')
    done = ltrr(world, tmp_path, "forget", "--user", "ann@example.org")
    assert done.returncode == 0, done.stderr
    assert "Erased 3 journal entries, the vectors and the choices" in done.stdout
    assert "learns anew" in done.stdout
    assert letters.read_text() == '{"entry": {"user": null}}\n'
    assert world.user("ann@example.org") is None
    world.learn()
    assert world.user("ann@example.org") is None
    again = json.loads(
        ltrr(world, tmp_path, "forget", "--user", "ann@example.org", "--json").stdout
    )
    assert again == {"known": False, "erased": 0, "rebuilds": False, "dead_letters": 0}
    assert ltrr(world, tmp_path, "forget").returncode == 2


def test_graph_tells_what_it_did_and_does_it_once(world: LearntWorld, tmp_path: Path) -> None:
    world.world.remember("love", {"love": 0.9, "lover": 0.9})
    first = json.loads(ltrr(world, tmp_path, "graph", "--json").stdout)
    assert (first["entities"], first["connected"], first["written"]) == (7, 2, 2)
    assert "0 vectors written" in ltrr(world, tmp_path, "graph").stdout


def test_judgments_are_exported_for_the_workbench_and_as_qrels(
    world: LearntWorld, tmp_path: Path
) -> None:
    for number in range(3):
        world.choose("love", "secret", session=f"s{number}")
    world.choose("selena", "amor", session="s0")
    assert world.world.journal.shipper.flush(30)
    done = ltrr(world, tmp_path, "export", "judgments", "--method", "examination")
    assert done.returncode == 0, done.stderr
    (only,) = json.loads(done.stdout)["judgmentRatings"]
    assert only["query"] == "love"
    assert only["ratings"][0]["docId"] == "secret"
    assert f"{len(only['ratings'])} judgments of 1 queries" in done.stderr

    files = tmp_path / "qrels", tmp_path / "queries.tsv"
    words = ("--format", "trec", "--out", str(files[0]), "--queries", str(files[1]))
    assert ltrr(world, tmp_path, "export", "judgments", "--sessions", "1", *words).returncode == 0
    judged = {one.text: one for one in load_trec(*files)}
    assert set(judged) == {"love", "selena"}
    assert "secret" in judged["love"].relevant
    none = ltrr(world, tmp_path, "export", "judgments", "--since", "2999-01-01")
    assert json.loads(none.stdout)["judgmentRatings"] == []
