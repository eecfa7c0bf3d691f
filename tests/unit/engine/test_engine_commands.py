"""``up``, ``down``, ``status`` and ``doctor`` where nothing runs yet."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nodes import open_folder

from ltrr.cli import cli
from ltrr.doctor import Check, disk, encoder, examine, port
from ltrr.settings import Settings
from plugin.engine.places import find_places
from plugin.errors import NodeUnavailable


def run(state: Path, *arguments: str, **environment: str) -> Result:
    variables = {
        "LTRR_STATE": str(state),
        "LTRR_CACHE": str(state / "cache"),
        "LTRR_ENGINE": "embedded",
        **environment,
    }
    return CliRunner().invoke(cli, [*arguments], env=variables)


def test_status_has_an_exit_code_of_its_own_when_nothing_runs(tmp_path: Path) -> None:
    plain, as_json = run(tmp_path, "status"), run(tmp_path, "status", "--json")
    assert (plain.exit_code, as_json.exit_code) == (3, 3)
    assert "`ltrr up` starts it" in plain.output
    assert json.loads(as_json.stdout) == {"running": False}


def test_down_is_content_when_nothing_runs(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "down", "--json").stdout) == {"stopped": []}
    assert "Nothing of ours was running" in run(tmp_path, "down").output


def test_up_with_a_url_that_does_not_answer_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "up", LTRR_ENGINE="url", OPENSEARCH_URL="http://127.0.0.1:9")
    assert isinstance(done.exception, NodeUnavailable)
    assert "does not answer" in done.exception.message


def test_doctor_on_a_fresh_machine_warns_and_says_what_to_do() -> None:
    with open_folder() as state:
        done = run(state, "doctor", "--json")
    answer = json.loads(done.stdout)
    checks = {check["what"]: check for check in answer["checks"]}
    assert answer["ok"] is (done.exit_code == 0)
    assert (checks["Python"]["result"], checks["Java"]["result"]) == ("ok", "ok")
    assert checks["OpenSearch"]["result"] == checks["Node"]["result"] == "warn"
    assert all(check["advice"] for check in checks.values() if check["result"] != "ok")


def test_doctors_table_names_every_check(tmp_path: Path) -> None:
    settings = replace(Settings.from_env({}), state=tmp_path, cache=tmp_path / "cache")
    text = run(tmp_path, "doctor").output
    assert [check.what for check in examine(settings) if check.what not in text] == []


def test_doctor_fails_only_when_something_needed_is_missing() -> None:
    with open_folder() as state:
        done = run(state, "doctor", "--json", LTRR_ENCODER="/no/such/model")
    assert done.exit_code == 1
    failed = [one for one in json.loads(done.stdout)["checks"] if one["result"] == "fail"]
    assert [one["what"] for one in failed] == ["Encoder"]


def test_a_cluster_that_does_not_answer_is_a_failure(tmp_path: Path) -> None:
    settings = replace(
        Settings.from_env({}), engine="url", opensearch_url="http://127.0.0.1:9", state=tmp_path
    )
    results = {check.what: check.result for check in examine(settings)}
    assert results["Node"] == "fail"
    assert "Java" not in results, "a cluster that is not ours needs no Java here"


def test_the_encoder_is_found_without_being_loaded() -> None:
    assert encoder(Settings.from_env({})).result == "ok"


def test_room_on_the_disk_is_told_where_the_cache_will_be(tmp_path: Path) -> None:
    settings = replace(Settings.from_env({}), cache=tmp_path / "not" / "there", state=tmp_path)
    assert str(tmp_path) in disk(find_places(settings)).found


@pytest.mark.parametrize("taken", [False, True])
def test_a_taken_port_is_a_warning(taken: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        if not taken:
            server.close()
        found: Check = port(replace(Settings.from_env({}), port=number))
    assert found.result == ("warn" if taken else "ok")
