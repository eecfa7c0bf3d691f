"""`apply --allow-replace`, killed at any point: the old index stays in use, the rest is cleaned."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from changed_assets import AS_TEXT, LANGUAGE, REPLACE, aliased, changed, count, indexes
from killing_proxy import Passed, Proxy
from test_plan_and_apply import edit

from ltrr.settings import Settings
from plugin.assets import AssetValues
from plugin.assets.planning import apply, plan
from plugin.cluster import Cluster

__all__ = ["changed"]

pytestmark = pytest.mark.integration


@pytest.fixture
def proxy(cluster: Cluster) -> Iterator[Proxy]:
    opened = Proxy(cluster.url)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def environment(
    changed: Path, node_settings: Settings, proxy: Proxy, cluster: Cluster, tmp_path: Path
) -> dict[str, str]:
    # The command takes its dimensions from the real encoder.
    shutil.copytree(changed, tmp_path / "command")
    index = tmp_path / "command/indexes/entities.json"
    index.write_text(index.read_text().replace('"${dimensions}"', "384"))
    return {
        **os.environ,
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": proxy.url,
        "LTRR_NAMESPACE": cluster.namespace,
        "LTRR_ASSETS": str(tmp_path / "command"),
        "LTRR_STATE": str(node_settings.state),
        "LTRR_CACHE": str(node_settings.cache),
        "LTRR_ENRICHMENT": "client",
    }


@pytest.mark.parametrize(
    ("point", "then"),
    [("_reindex", "again"), ("_block/write", "again"), ("_block/write", "undone")],
)
def test_a_killed_replacement_leaves_the_old_index_in_use_and_is_cleaned_up(
    changed: Path,
    cluster: Cluster,
    client_values: AssetValues,
    environment: dict[str, str],
    proxy: Proxy,
    point: str,
    then: str,
) -> None:
    def fatal(one: Passed) -> bool:
        return point in one.path

    command = [sys.executable, "-m", "ltrr", "apply", "--allow-replace"]
    ready: list[subprocess.Popen[bytes]] = []
    proxy.fatal = fatal
    proxy.end = lambda: ready[0].kill()  # noqa: PLW0108 - not there yet
    ready.append(subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL))
    assert ready[0].wait(120) != 0
    assert indexes(cluster) == {"entities-000001", "entities-000002"}
    assert aliased(cluster) == [cluster.name("entities-000001")]
    assert count(cluster) == 1_500
    if then == "undone":
        edit(changed, "indexes/entities.json", AS_TEXT, LANGUAGE[1])
        lines = [change.line() for change in plan(changed, cluster, client_values).changes]
        assert lines[-1] == (
            f"- index {cluster.name('entities-000002')}: left by a replacement that was interrupted"
        )
        assert "takes no writes" in lines[0]
        apply(changed, cluster, client_values)
    else:
        apply(changed, cluster, client_values, allowed=REPLACE)
        # A number of its own: nothing that might still be copying can meet it.
        assert indexes(cluster) == {"entities-000001", "entities-000003"}
        assert aliased(cluster) == [cluster.name("entities-000003")]
    assert plan(changed, cluster, client_values).exit_code == 0
    cluster.request("PUT", f"/{cluster.name('entities')}/_doc/more", {"name": "more"})
    assert count(cluster) == 1_501
