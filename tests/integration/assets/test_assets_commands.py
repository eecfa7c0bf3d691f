"""``ltrr validate | plan | apply`` as a person or a script calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ltrr.cli import cli
from ltrr.settings import Settings
from plugin.cluster import Cluster

pytestmark = pytest.mark.integration


@pytest.fixture
def environment(folder: Path, node_settings: Settings) -> dict[str, str]:
    return {
        "LTRR_ENGINE": "url",
        "OPENSEARCH_URL": node_settings.opensearch_url,
        "LTRR_NAMESPACE": node_settings.namespace,
        "LTRR_ASSETS": str(folder),
        "LTRR_STATE": str(node_settings.state),
        "LTRR_CACHE": str(node_settings.cache),
        "LTRR_ENRICHMENT": "client",
    }


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment)


def test_validate_plan_and_apply_from_nothing_to_nothing_to_do(
    environment: dict[str, str], cluster: Cluster, folder: Path
) -> None:
    valid = run(environment, "validate")
    assert (valid.exit_code, "nothing is wrong" in valid.output) == (0, True)
    first = run(environment, "plan")
    assert first.exit_code == 2
    assert f"+ index {cluster.name('entities-000001')}: not there yet" in first.output
    applied = run(environment, "apply")
    assert applied.exit_code == 0
    again = run(environment, "plan")
    assert (again.exit_code, "Nothing to do" in again.output) == (0, True)
    template = folder / "strategies/lexical/template.mustache"
    template.write_text(template.read_text().replace("{\n", "{ \n", 1))
    edited = run(environment, "plan", "--json")
    assert edited.exit_code == 2
    (change,) = json.loads(edited.output)["changes"]
    assert change["name"] == cluster.name("lexical")
    assert "+{ " in change["diff"]


def test_validate_as_json_lists_every_problem_and_exits_with_1(
    environment: dict[str, str], folder: Path
) -> None:
    (folder / "baseline.toml").write_text("[weights]\nlexcal = 1\n")
    (folder / "strategies/fuzzy/cases.json").write_text("[]")
    result = run(environment, "validate", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert not answer["valid"]
    assert {problem["file"] for problem in answer["problems"]} == {
        "baseline.toml",
        "strategies/fuzzy/cases.json",
    }
