"""`ltrr tune` over what a real node answered: what is written is what that dataset asks for."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from bandit_service.evaluation.judgments import load_judged
from ltrr.cli import cli
from ltrr.evaluating.recording import record, recording_folder
from ltrr.loading import Request, load
from ltrr.settings import Settings
from ltrr.wiring import asset_values
from plugin.assets.baseline import load_baseline
from plugin.assets.planning import apply
from plugin.cluster import Cluster
from plugin.strategies import load_strategies

ASSETS = Path(__file__).parents[3] / "opensearch"
SYLLABLES = "ba ke li mo nu ra se ti vo zu fa ge".split()  # noqa: SIM905

pytestmark = pytest.mark.integration


def small_dataset(folder: Path) -> Path:
    """Invented names, each asked for with one letter wrong: a typing error is all there is."""
    dice = random.Random(4)
    names = {
        f"e{at}": " ".join("".join(dice.sample(SYLLABLES, 4)) for _ in range(2)) for at in range(60)
    }
    (folder / "qrels").mkdir(parents=True)
    entities = [{"_id": id, "title": name, "text": ""} for id, name in names.items()]
    (folder / "corpus.jsonl").write_bytes(b"\n".join(map(orjson.dumps, entities)))
    asked = {f"q-{id}": name.replace("a", "y", 1)[:-1] for id, name in list(names.items())[:30]}
    queries = [{"_id": id, "text": text} for id, text in asked.items()]
    (folder / "queries.jsonl").write_bytes(b"\n".join(map(orjson.dumps, queries)))
    pairs = [f"{id}\t{id.removeprefix('q-')}\t1" for id in asked]
    (folder / "qrels" / "train.tsv").write_text("\n".join(["query\tentity\tgrade", *pairs]))
    return folder


def test_weights_are_tuned_on_what_the_node_answers(
    cluster: Cluster, node_settings: Settings, tmp_path: Path
) -> None:
    assets = tmp_path / "opensearch"
    shutil.copytree(ASSETS, assets)
    data = small_dataset(tmp_path / "names")
    assert node_settings.cache is not None
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "encoders").symlink_to(node_settings.cache / "encoders")
    settings = replace(node_settings, assets=assets, cache=cache, enrichment="client")
    apply(assets, cluster, asset_values(settings))
    load(settings, Request(path=data, form="beir", fields={}))
    record(settings, recording_folder(settings, data), load_judged(data))

    given = {
        "LTRR_ASSETS": str(assets),
        "LTRR_CACHE": str(cache),
        "LTRR_STATE": str(settings.state),
    }
    command = ["tune", "--data", str(data), "--write", "--json"]
    answer = CliRunner().invoke(cli, command, env=given, catch_exceptions=False)
    found = orjson.loads(answer.stdout)
    assert found["queries"] == 30
    reached = found["reached"]
    assert reached["tuned"] >= reached["triple"] - 1e-3 >= reached["pair"] - 2e-3
    assert reached["tuned"] > 0.9
    assert "lexical" not in found["tables"]["pair"]
    names = [one.name for one in load_strategies(assets)]
    for table in ("tuned", "pair", "triple"):
        weights = load_baseline(assets, names, table)
        assert {name for name in names if weights[name]} == set(found["tables"][table])
