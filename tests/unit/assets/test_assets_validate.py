"""``validate`` names everything that is wrong: the file, the place, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin.assets import AssetValues
from plugin.assets.problems import InvalidAssets
from plugin.assets.validate import validate

VALUES = AssetValues("ltrr", "http://127.0.0.1:1", 384)
LEXICAL = "strategies/lexical/template.mustache"
LEXICAL_TOML = "strategies/lexical/strategy.toml"
LEXICAL_CASES = "strategies/lexical/cases.json"
ENTITIES = "indexes/entities.json"


def replaced(file: str, before: str, after: str, count: int = 1) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / file).read_text()
        assert before in text
        (folder / file).write_text(text.replace(before, after, count))

    return spoil


def written(file: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)

    return spoil


def removed(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


def test_the_projects_own_assets_are_valid(folder: Path) -> None:
    assets = validate(folder, VALUES)
    names = {strategy.name for strategy in assets.strategies}
    assert {"lexical", "popular", "fuzzy", "dense", "memory"} <= names
    assert sum(assets.baseline.values()) == pytest.approx(1)


MISTAKES = {
    "a template file is missing": (removed(LEXICAL), f"{LEXICAL}: the file is missing"),
    "a case renders to another body": (
        replaced(LEXICAL_CASES, '"boost": 1.5', '"boost": 2.5'),
        "case 'a name and its maker': renders to another body: body.query.bool.must[0].dis_max"
        ".queries[1].match.joined.boost is 1.5, expected 2.5",
    ),
    "a string is not quoted": (
        replaced(LEXICAL, '"query": "{{text}}"', '"query": {{text}}'),
        "the rendered body is not JSON",
    ),
    "three braces": (
        replaced(LEXICAL, '"{{text}}"', '"{{{text}}}"'),
        "breaks when 'text' holds a quote",
    ),
    "a field that no mapping has": (
        replaced(LEXICAL, '"name^1.5"', '"nmae^1.5"'),
        "no mapping has the field 'nmae'; did you mean 'name'?",
    ),
    "a query that does not exist": (
        replaced(LEXICAL, '{"match": {"joined"', '{"mach": {"joined"'),
        "unknown query 'mach'; did you mean 'match'?",
    ),
    "a rank_feature query on a text": (
        replaced("strategies/memory/template.mustache", "q2e.{{memory_key}}", "name"),
        "rank_feature needs a field of type rank_feature or rank_features; 'name' is text",
    ),
    "a parameter that does not exist": (
        replaced(LEXICAL, "{{text}}", "{{txt}}"),
        "{{txt}}: unknown parameter 'txt'; did you mean 'text'?",
    ),
    "a parameter that is not among the needs": (
        replaced(LEXICAL, '"{{text}}"', '"{{text}} {{now}}"'),
        "reads 'now', which strategy.toml does not list under needs",
    ),
    "no filters": (
        replaced(LEXICAL, "{{#toJson}}filters{{/toJson}}", "[]"),
        "{{filters}}: never used",
    ),
    "filters after the query": (
        replaced(
            "strategies/dense/template.mustache",
            '"query": {',
            '"post_filter": {"bool": {"filter": {{#toJson}}filters{{/toJson}}}}, "query": {',
        ),
        "renders to another body",
    ),
    "a size of its own": (
        replaced(LEXICAL, '"size": {{size}}', '"size": 10, "min_score": {{size}}'),
        'the body must have "size": {{size}}',
    ),
    "sources in the answer": (
        replaced(LEXICAL, '"_source": false', '"_source": true'),
        "must bring ids and scores only",
    ),
    "doc values in the answer": (
        replaced(LEXICAL, '"_source": false', '"docvalue_fields": ["type"], "_source": false'),
        "'docvalue_fields' does not belong here",
    ),
    "a case without a parameter": (
        replaced(LEXICAL_CASES, '"text": "taylor swift", ', ""),
        "case 'one type only': params lacks text",
    ),
    "cases that are no list": (written(LEXICAL_CASES, "{}"), "must be a list of at least one case"),
    "cases that are no JSON": (
        written(LEXICAL_CASES, "[\n  {,}\n]"),
        "cases.json: line 2: not JSON",
    ),
    "an unknown key": (
        replaced(LEXICAL_TOML, "needs =", "need ="),
        "unknown key 'need'; did you mean 'needs'?",
    ),
    "an unknown need": (
        replaced(LEXICAL_TOML, '["text"]', '["texts"]'),
        "unknown need 'texts'; did you mean 'text'?",
    ),
    "an unknown index": (
        replaced(LEXICAL_TOML, '"entities"\nneeds', '"entity"\nneeds'),
        "there is no index 'entity'; did you mean 'entities'?",
    ),
    "a third stage": (replaced(LEXICAL_TOML, "stage = 1", "stage = 3"), "stage: is 3, but must be"),
    "a cost below zero": (replaced(LEXICAL_TOML, "cost = 1.0", "cost = -1"), "cost: is -1"),
    "no TOML": (written(LEXICAL_TOML, "needs = ["), f"{LEXICAL_TOML}: not TOML"),
    "a strategy's name": (
        written("strategies/My-Strategy/template.mustache", ""),
        "a strategy's name is lower-case letters",
    ),
    "an unknown part in the schema": (
        replaced("schema.toml", "aliases =", "alias ="),
        "unknown key 'alias'; did you mean 'aliases'?",
    ),
    "a part without a field": (
        replaced("schema.toml", 'vector = "vector"', ""),
        "vector: this part",
    ),
    "a part whose field is not mapped": (
        replaced("schema.toml", '"part_of", "categories", "attributes", "text"', '"bye"'),
        "indexes/entities.json has no field 'bye'; did you mean 'by'?",
    ),
    "a part of the wrong type": (
        replaced("schema.toml", 'popularity = "popularity"', 'popularity = "type"'),
        "popularity: 'type' is of type keyword, but must be rank_feature",
    ),
    "a ranking field without doc values": (
        replaced("schema.toml", '"popularity.value"', '"popularity"'),
        "ranking: 'popularity' is of type rank_feature, which has no doc values",
    ),
    "a weight for no strategy": (
        replaced("baseline.toml", "lexical =", "lexicl ="),
        "there is no strategy 'lexicl'; did you mean 'lexical'?",
    ),
    "a weight below zero": (
        replaced("baseline.toml", "lexical = 0.6", "lexical = -1"),
        "weights.lexical: must be a number of at least 0",
    ),
    "other dimensions": (
        replaced(ENTITIES, '"${dimensions}"', "768"),
        "has 768 dimensions, but the encoder's vectors have 384",
    ),
    "an analyzer that is not there": (
        replaced(ENTITIES, '"analyzer": "words"', '"analyzer": "wrods"'),
        "there is no analyzer 'wrods'; did you mean 'words'?",
    ),
    "a copy to nowhere": (
        replaced(ENTITIES, '"copy_to": ["joined"]', '"copy_to": ["joinde"]'),
        "copy_to: no field 'joinde'",
    ),
    "no override of the Thai analyzer": (
        replaced("indexes/state.json", '"thai"', '"greek"'),
        'add "thai": {"type": "standard"}',
    ),
    "an index that the code needs": (removed("indexes/memory.json"), "the code needs it"),
    "a name outside the namespace": (
        replaced("indexes/state.json", "${namespace}-state", "state"),
        "must begin with ${namespace}-",
    ),
    "an unknown placeholder": (
        replaced("connectors/embeddings.json", "${model_server}", "${modelserver}"),
        "unknown placeholder; did you mean 'model_server'?",
    ),
    "a model that is not there": (
        replaced("ingest_pipelines/enrich.json", "${model:embeddings}", "${model:embedding}"),
        "unknown placeholder; did you mean 'model:embeddings'?",
    ),
    "a part that is not there": (
        replaced("ingest_pipelines/enrich.json", "${schema:vector}", "${schema:vectors}"),
        "schema.toml has no such part",
    ),
    "a script that is not there": (removed("ingest_pipelines/enrich-end.painless"), "is missing"),
    "a script from elsewhere": (
        replaced("ingest_pipelines/enrich.json", "${file:enrich-end", "${file:../enrich-end"),
        "must be the name of a file in the same folder",
    ),
    "a credential": (
        replaced("connectors/embeddings.json", '"unused"', '"xyz"'),
        "connector.credential.key: looks like a credential",
    ),
    "a bearer token in a template": (
        replaced(LEXICAL, "{", "{{! Bearer abcdefghijklmnop }}{"),
        "line 1: looks like an authorization header",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_named(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder)
    with pytest.raises(InvalidAssets) as caught:
        validate(folder, VALUES)
    assert message in caught.value.message


def test_all_mistakes_are_named_at_once(folder: Path) -> None:
    for name in ("a third stage", "a copy to nowhere", "a weight below zero", "a credential"):
        MISTAKES[name][0](folder)
    with pytest.raises(InvalidAssets) as caught:
        validate(folder, VALUES)
    files = {problem.file for problem in caught.value.problems}
    assert files >= {LEXICAL_TOML, ENTITIES, "baseline.toml", "connectors/embeddings.json"}


def test_filters_that_only_hide_hits_are_refused(folder: Path) -> None:
    template = (
        '{"size": {{size}}, "_source": false, "query": {"match": {"name": "{{text}}"}},'
        ' "post_filter": {"bool": {"filter": {{#toJson}}filters{{/toJson}}}}}'
    )
    written(LEXICAL, template)(folder)
    with pytest.raises(InvalidAssets, match="the filters must stand inside the query"):
        validate(folder, VALUES)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidAssets, match="there is no such folder; LTRR_ASSETS"):
        validate(tmp_path / "nowhere", VALUES)


def test_a_copied_strategy_is_one_more(folder: Path) -> None:
    before = len(validate(folder, VALUES).strategies)
    (folder / "strategies/copied").mkdir()
    for file in ("template.mustache", "strategy.toml", "cases.json"):
        text = (folder / "strategies/lexical" / file).read_text()
        (folder / "strategies/copied" / file).write_text(text)
    assets = validate(folder, VALUES)
    assert len(assets.strategies) == before + 1
    assert "copied" in assets.baseline


def test_the_cases_of_the_project_are_readable_json(folder: Path) -> None:
    for path in folder.glob("strategies/*/cases.json"):
        assert all(set(case) == {"name", "params", "body"} for case in json.loads(path.read_text()))
