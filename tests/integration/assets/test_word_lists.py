"""A list of words changes, and queries are read by it: nothing is stored anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin.assets import AssetValues
from plugin.assets.planning import apply, plan
from plugin.assets.reopening import change_while_closed
from plugin.cluster import Cluster, ResponseError

pytestmark = pytest.mark.integration


def found(cluster: Cluster, text: str) -> list[str]:
    body = {"id": cluster.name("joined"), "params": {"rewritten": text, "size": 5, "filters": []}}
    path = f"/{cluster.name('entities')}/_search/template"
    return [hit["_id"] for hit in cluster.request("POST", path, body)["hits"]["hits"]]


def store(cluster: Cluster, id: str, name: str) -> None:
    entity = {"type": "bike", "name": name, "enrichment": "done"}
    path = f"/{cluster.name('entities')}/_doc/{id}"
    cluster.request("PUT", path, entity, params={"refresh": "true"})


def test_a_new_synonym_finds_what_was_there_before(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    store(cluster, "one", "Velocipede")
    assert found(cluster, "penny farthing") == []
    with (folder / "analysis" / "synonyms.txt").open("a") as file:
        file.write("penny farthing => velocipede\n")
    (change,) = plan(folder, cluster, client_values).changes
    assert change.line() == (
        f"~ index {cluster.name('entities')}-000001: settings "
        "index.analysis.filter.synonyms.synonyms, for which it is closed for a moment"
    )
    assert "+" in " ".join(change.diff)
    apply(folder, cluster, client_values)
    assert found(cluster, "penny farthing") == ["one"]
    assert plan(folder, cluster, client_values).changes == ()


def test_settings_that_the_cluster_refuses_leave_the_index_open_and_as_it_was(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    store(cluster, "one", "Velocipede")
    bad = {"index.analysis.filter.synonyms.synonyms": ["a => b => c"]}
    with pytest.raises(ResponseError, match="Failed to build analyzers"):
        change_while_closed(cluster, f"{cluster.name('entities')}-000001", bad)
    assert found(cluster, "velocipede") == ["one"]
