"""``ltrr understand`` reads a query with the index's words, and without a sidecar."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from named_entities import FOLDER, NamedEntities

from ltrr.cli import cli
from ltrr.settings import Settings
from ltrr.vocabulary import build_elsewhere
from ltrr.wiring import make_follower, open_cluster
from plugin.cluster import Cluster
from plugin.errors import EngineError

pytestmark = pytest.mark.integration


@pytest.fixture
def environment(cluster: Cluster, node_settings: Settings, tmp_path: Path) -> dict[str, str]:
    world = NamedEntities(cluster, tmp_path)
    world.make_index(1)
    world.put({"taylor": {"type": "artist", "name": "Taylor Swift"}})
    return {
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node_settings.opensearch_url,
        "LTRR_NAMESPACE": cluster.namespace,
        "LTRR_ASSETS": str(FOLDER),
        "LTRR_STATE": str(node_settings.state),
    }


def test_it_tells_people_and_scripts_the_same(environment: dict[str, str]) -> None:
    told = CliRunner().invoke(cli, ["understand", "tayler swift"], env=environment)
    assert told.exit_code == 0, told.output
    assert "corrected: taylor swift" in told.stdout
    assert "Taylor Swift" in told.stdout
    answer = CliRunner().invoke(cli, ["understand", "--json", "tayler swift"], env=environment)
    reading = orjson.loads(answer.stdout)
    assert reading["words"] == ["tayler", "swift"]
    assert reading["slots"][0]["entity"] == "taylor"
    assert reading["slots"][0]["words"] == "tayler swift"


def test_another_process_builds_the_file_with_the_same_settings(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_env()
    follower = make_follower(settings, open_cluster(settings), build_elsewhere)
    assert follower.look()
    assert follower.reader.read("taylor swift").slots[0].entity == "taylor"
    assert not follower.look()
    monkeypatch.setenv("OPENSEARCH_URL", "http://127.0.0.1:9")
    with pytest.raises(EngineError, match="does not answer"):
        build_elsewhere()


def test_without_the_cluster_it_uses_what_it_read_before(environment: dict[str, str]) -> None:
    assert CliRunner().invoke(cli, ["understand", "x"], env=environment).exit_code == 0
    gone = {**environment, "OPENSEARCH_URL": "http://127.0.0.1:9"}
    told = CliRunner().invoke(cli, ["understand", "--json", "taylor swift"], env=gone)
    assert "does not answer" in told.stderr
    assert orjson.loads(told.stdout)["slots"][0]["entity"] == "taylor"
    never = {**gone, "LTRR_STATE": f"{environment['LTRR_STATE']}-elsewhere"}
    told = CliRunner().invoke(cli, ["understand", "--json", "taylor swift"], env=never)
    assert orjson.loads(told.stdout)["slots"] == []
