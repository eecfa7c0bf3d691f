"""One contract for every strategy: those of ``opensearch/`` and what the examples add to them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from plugin.assets.extends import resolved
from plugin.assets.files import Case
from plugin.assets.mustache import render
from plugin.assets.validate import validate
from plugin.cluster import Cluster
from plugin.strategies import Strategy

ROOT = Path(__file__).parents[2]
MERGED = TemporaryDirectory()
ALL = [
    validate(resolved(folder, Path(MERGED.name)))
    for folder in (ROOT / "opensearch", *sorted(ROOT.glob("examples/*/opensearch")))
]
STRATEGIES = {strategy.name: strategy for assets in reversed(ALL) for strategy in assets.strategies}
FOUND = {name: cases for assets in reversed(ALL) for name, cases in assets.cases.items()}
CASES = [
    pytest.param(strategy, case, id=f"{strategy.name}: {case.name}")
    for strategy in STRATEGIES.values()
    for case in FOUND[strategy.name]
]
EACH = [pytest.param(strategy, id=strategy.name) for strategy in STRATEGIES.values()]
NASTY = ['"', "\\", "line\nline", "{{x}}", "{{#toJson}}x{{/toJson}}", "\u2028", "😀", "title:("]


def first_case(strategy: Strategy) -> dict[str, Any]:
    return dict(FOUND[strategy.name][0].params)


def texts_of(strategy: Strategy) -> list[str]:
    return [name for name, value in first_case(strategy).items() if isinstance(value, str)]


@pytest.mark.parametrize(("strategy", "case"), CASES)
def test_a_case_renders_to_its_body(strategy: Strategy, case: Case) -> None:
    assert render(strategy.template, case.params) == case.body


@pytest.mark.integration
@pytest.mark.parametrize(("strategy", "case"), CASES)
def test_the_node_renders_a_case_to_the_same_body(
    cluster: Cluster, strategy: Strategy, case: Case
) -> None:
    body = {"source": strategy.template, "params": case.params}
    rendered = cluster.request("POST", "/_render/template", body)["template_output"]
    assert rendered == case.body == render(strategy.template, case.params)


@pytest.mark.integration
@pytest.mark.parametrize("strategy", EACH)
def test_the_node_renders_any_text_to_the_same_body(cluster: Cluster, strategy: Strategy) -> None:
    for name in texts_of(strategy):
        for text in NASTY:
            params = {**first_case(strategy), name: text}
            body = {"source": strategy.template, "params": params}
            rendered = cluster.request("POST", "/_render/template", body)["template_output"]
            assert rendered == render(strategy.template, params)


@pytest.mark.parametrize("strategy", EACH)
def test_it_brings_as_many_as_it_is_asked_for_ids_and_scores_only(strategy: Strategy) -> None:
    body = render(strategy.template, {**first_case(strategy), "size": 7})
    assert body["size"] == 7
    wanted = ["references"] if strategy.returns == "references" else False
    assert body["_source"] in (False, wanted)


@pytest.mark.parametrize("strategy", EACH)
def test_every_filter_arrives_unchanged_inside_the_query(strategy: Strategy) -> None:
    filters = [{"terms": {"type": ["song"]}}, {"term": {"language": 'a "b" {{size}}'}}]
    body = render(strategy.template, {**first_case(strategy), "filters": filters})

    def holds(value: Any) -> bool:
        if value == filters:
            return True
        inner = value.values() if isinstance(value, dict) else value
        return (
            not isinstance(value, str)
            and isinstance(inner, list | type({}.values()))
            and any(holds(item) for item in inner)
        )

    assert holds(body["query"])


@pytest.mark.parametrize("strategy", EACH)
def test_it_needs_nothing_beyond_what_it_says(strategy: Strategy) -> None:
    needed = strategy.reads | {"size", "filters"}
    params = {name: value for name, value in first_case(strategy).items() if name in needed}
    assert render(strategy.template, params) == FOUND[strategy.name][0].body
