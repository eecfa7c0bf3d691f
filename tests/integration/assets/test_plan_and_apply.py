"""``plan`` reads, ``apply`` writes, and ``plan`` after ``apply`` is empty."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugin.assets import AssetValues
from plugin.assets.changes import Change
from plugin.assets.planning import Refused, apply, plan
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


def edit(folder: Path, file: str, before: str, after: str) -> None:
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1))


def without_weight(folder: Path, strategy: str) -> None:
    file = folder / "baseline.toml"
    before = file.read_text().splitlines()
    left = [line for line in before if not line.startswith(f"{strategy} =")]
    assert len(left) < len(before)
    file.write_text("\n".join(left))


def lines(folder: Path, cluster: Cluster, values: AssetValues) -> list[str]:
    return [change.line() for change in plan(folder, cluster, values).changes]


def test_plan_after_apply_is_empty_models_and_pipeline_included(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    before = plan(folder, cluster, values)
    assert before.exit_code == 2
    told: list[Change] = []
    done = apply(folder, cluster, values, report=told.append)
    assert tuple(told) == done.changes == before.changes
    after = plan(folder, cluster, values)
    assert (after.changes, after.refusals, after.notes) == ((), (), ())
    assert after.exit_code == 0
    assert apply(folder, cluster, values).changes == ()


def test_plan_writes_nothing(folder: Path, cluster: Cluster, values: AssetValues) -> None:
    first = plan(folder, cluster, values)
    assert plan(folder, cluster, values) == first
    assert cluster.find(f"/{cluster.name('entities')}") is None
    assert cluster.find(f"/_ingest/pipeline/{cluster.name('enrich')}") is None


def test_one_edited_template_is_one_change_and_its_line_is_shown(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    edit(folder, "strategies/dense/template.mustache", '"k": {{size}}', '"k": 100')
    edit(folder, "strategies/dense/cases.json", '"k": 10,', '"k": 100,')
    edit(folder, "strategies/dense/cases.json", '"k": 3,', '"k": 100,')
    found = plan(folder, cluster, client_values)
    assert found.exit_code == 2
    (change,) = found.changes
    assert change.line() == f"~ template {cluster.name('dense')}: its text differs"
    assert '-        "k": {{size}},' in change.diff
    assert '+        "k": 100,' in change.diff
    apply(folder, cluster, client_values)
    assert plan(folder, cluster, client_values).exit_code == 0


def test_somebodys_edits_in_the_cluster_are_seen_and_undone(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    apply(folder, cluster, values)
    script = {"script": {"lang": "mustache", "source": "{}"}}
    cluster.request("PUT", f"/_scripts/{cluster.name('fuzzy')}", script)
    cluster.request("PUT", f"/_ingest/pipeline/{cluster.name('enrich')}", {"processors": []})
    cluster.request(
        "PUT", f"/{cluster.name('entities')}/_settings", {"index.default_pipeline": "_none"}
    )
    kinds = [change.kind for change in plan(folder, cluster, values).changes]
    assert kinds == ["ingest pipeline", "template", "index"]
    apply(folder, cluster, values)
    assert plan(folder, cluster, values).exit_code == 0


def test_another_model_server_replaces_the_connectors_and_repoints_the_pipeline(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    apply(folder, cluster, values)
    elsewhere = replace(values, model_server="http://127.0.0.1:9")
    actions = [(change.kind, change.action) for change in plan(folder, cluster, elsewhere).changes]
    assert actions == [
        ("connector", "replace"),
        ("connector", "replace"),
        ("ingest pipeline", "update"),
        ("connector", "delete"),
        ("connector", "delete"),
    ]
    apply(folder, cluster, elsewhere)
    assert plan(folder, cluster, elsewhere).exit_code == 0


def test_a_model_that_somebody_undeployed_is_deployed_again(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    apply(folder, cluster, values)
    pipeline = cluster.get(f"/_ingest/pipeline/{cluster.name('enrich')}")
    processors = pipeline[cluster.name("enrich")]["processors"]
    model = processors[1]["text_embedding"]["model_id"]
    cluster.request("POST", f"/_plugins/_ml/models/{model}/_undeploy")
    assert lines(folder, cluster, values) == [
        f"~ connector {cluster.name('embeddings')}: its model is UNDEPLOYED"
    ]
    apply(folder, cluster, values)
    assert plan(folder, cluster, values).exit_code == 0


def test_new_fields_and_dynamic_settings_are_changed_in_place_documents_stay(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    cluster.request(
        "PUT", f"/{cluster.name('entities')}/_doc/1", {"name": "a"}, params={"refresh": "true"}
    )
    edit(
        folder,
        "indexes/entities.json",
        '"enrichment": {"type": "keyword"}',
        '"enrichment": {"type": "keyword"}, "tempo": {"type": "float"}',
    )
    edit(folder, "indexes/entities.json", '"knn": true', '"knn": true, "refresh_interval": "5s"')
    found = plan(folder, cluster, client_values)
    assert [change.why for change in found.changes] == [
        "new fields tempo",
        "settings index.refresh_interval",
    ]
    assert any("documents that are there already have no tempo" in note for note in found.notes)
    apply(folder, cluster, client_values)
    assert plan(folder, cluster, client_values).exit_code == 0
    assert cluster.get(f"/{cluster.name('entities')}/_count")["count"] == 1


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"enrichment": {"type": "keyword"}', '"enrichment": {"type": "text"}', "field enrichment"),
        ('"number_of_shards": 1', '"number_of_shards": 2', "index.number_of_shards is '1'"),
        ('"max_gram": 15', '"max_gram": 16', "index.analysis.filter.prefixes.max_gram is '15'"),
        ('"m": 16', '"m": 32', "field vector: its method"),
    ],
)
def test_what_cannot_change_in_place_is_refused_before_anything_is_written(
    folder: Path, cluster: Cluster, client_values: AssetValues, before: str, after: str, says: str
) -> None:
    apply(folder, cluster, client_values)
    edit(folder, "indexes/entities.json", before, after)
    edit(folder, "strategies/fuzzy/template.mustache", "{", "{{! edited }}{")
    found = plan(folder, cluster, client_values)
    assert found.exit_code == 1
    assert says in found.refusals[0]
    with pytest.raises(Refused, match="fixed when an index is made"):
        apply(folder, cluster, client_values)
    stored = cluster.get(f"/_scripts/{cluster.name('fuzzy')}")["script"]["source"]
    assert "edited" not in stored


def test_an_index_where_an_alias_must_be_is_refused_with_the_reason(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    cluster.request("PUT", f"/{cluster.name('entities')}/_doc/1", {"name": "too early"})
    found = plan(folder, cluster, client_values)
    assert "is an index, but must be an alias" in found.refusals[0]


def test_an_alias_that_was_taken_away_is_put_back(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    index, alias = cluster.name("memory-000001"), cluster.name("memory")
    cluster.request("DELETE", f"/{index}/_alias/{alias}")
    assert lines(folder, cluster, client_values) == [f"~ index {index}: has no alias {alias}"]
    apply(folder, cluster, client_values)
    assert plan(folder, cluster, client_values).exit_code == 0


def test_a_strategy_that_is_gone_is_deleted_an_index_never(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    (folder / "indexes/extra.json").write_text(
        (folder / "indexes/state.json").read_text().replace("-state", "-extra")
    )
    apply(folder, cluster, client_values)
    (folder / "indexes/extra.json").unlink()
    shutil.rmtree(folder / "strategies/fuzzy")
    without_weight(folder, "fuzzy")
    expected = [f"- template {cluster.name('fuzzy')}: no longer in the files"]
    assert lines(folder, cluster, client_values) == expected
    apply(folder, cluster, client_values)
    assert plan(folder, cluster, client_values).exit_code == 0
    assert cluster.find(f"/_scripts/{cluster.name('fuzzy')}") is None
    assert cluster.find(f"/{cluster.name('extra')}") is not None


def test_what_belongs_to_a_longer_namespace_is_not_ours(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    longer = replace(client_values, namespace=cluster.name("other"))
    apply(folder, cluster, client_values)
    apply(folder, cluster, longer)
    assert plan(folder, cluster, client_values).exit_code == 0
    assert plan(folder, cluster, longer).exit_code == 0


def test_too_many_deletions_are_refused_with_their_number_until_agreed_to(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    apply(folder, cluster, client_values)
    gone = sorted(folder.glob("strategies/*"))[::2]
    (folder / "baseline.toml").unlink()
    for strategy in gone:
        shutil.rmtree(strategy)
    found = plan(folder, cluster, client_values)
    assert found.exit_code == 1
    assert found.refusals[0].startswith(f"{len(gone)} of the ")
    assert f"--deletions {len(gone)}" in found.refusals[0]
    with pytest.raises(Refused):
        apply(folder, cluster, client_values, deletions=len(gone) - 1)
    apply(folder, cluster, client_values, deletions=len(gone))
    assert plan(folder, cluster, client_values).exit_code == 0


def test_client_enrichment_leaves_out_models_and_pipeline_and_says_so_in_one_line(
    folder: Path, cluster: Cluster, client_values: AssetValues
) -> None:
    done = apply(folder, cluster, client_values)
    (note,) = done.notes
    assert "enrichment is the client's, because LTRR_ENRICHMENT=client" in note
    for name in ("embeddings", "enrichment", "enrich"):
        assert cluster.name(name) in note
    assert {change.kind for change in done.changes} == {"template", "index"}
    found = plan(folder, cluster, client_values)
    assert (found.exit_code, found.notes) == (0, done.notes)


class WithoutMlCommons(Cluster):
    """The node, as if the plugin had not been installed."""

    def get(self, path: str, **params: Any) -> Any:
        answer = super().get(path, **params)
        if path == "/_cat/plugins":
            return [plugin for plugin in answer if plugin["component"] != "opensearch-ml"]
        return answer


def test_without_ml_commons_enrichment_is_the_clients_and_plan_says_so(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    bare = WithoutMlCommons(cluster.url, cluster.namespace, timeout_s=60)
    try:
        (note,) = apply(folder, bare, values).notes
        assert "this cluster does not have ML Commons" in note
        found = plan(folder, bare, values)
        assert (found.exit_code, found.notes) == (0, (note,))
        settings = cluster.get(f"/{cluster.name('entities')}/_settings", flat_settings="true")
        (index,) = settings.values()
        assert index["settings"]["index.default_pipeline"] == "_none"
        demanded = plan(folder, bare, replace(values, enrichment="pipeline"))
        assert "LTRR_ENRICHMENT=pipeline cannot be had" in demanded.refusals[0]
    finally:
        bare.close()


def test_changing_to_client_enrichment_takes_the_pipeline_off_the_index(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    apply(folder, cluster, values)
    client = replace(values, enrichment="client")
    (change,) = plan(folder, cluster, client).changes
    assert change.why == "settings index.default_pipeline"
    apply(folder, cluster, client)
    assert plan(folder, cluster, client).exit_code == 0


def test_pipeline_enrichment_without_a_model_server_is_refused(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    wanted = replace(values, model_server="", enrichment="pipeline")
    assert "no model server is known" in plan(folder, cluster, wanted).refusals[0]


def test_an_address_that_ml_commons_does_not_trust_is_explained_and_nothing_is_written(
    folder: Path, cluster: Cluster, values: AssetValues
) -> None:
    untrusted = replace(values, model_server="http://models.invalid:80")
    with pytest.raises(Exception, match="trusted_connector_endpoints_regex") as caught:
        apply(folder, cluster, untrusted)
    assert "LTRR_ENRICHMENT=client" in str(caught.value)
    assert cluster.find(f"/{cluster.name('entities')}") is None
