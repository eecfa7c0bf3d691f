"""Strategies against their own cases and against the mappings of what they search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

import orjson

from plugin.assets.body import analyzers_named, named_fields, unknown_queries
from plugin.assets.check_analysis import analysis_of
from plugin.assets.files import Assets, Case
from plugin.assets.mapping import field_types, type_of
from plugin.assets.mustache import names, render
from plugin.assets.problems import Problem, near
from plugin.assets.vocabulary import ANALYZERS, BRINGS_FIELDS, QUERIES
from plugin.errors import AssetError
from plugin.strategies import ALWAYS, ITEMS, NEEDS, Strategy

_PROBE = {"term": {"probe_of_validate": "x"}}
_NASTY = 'quote " backslash \\ line\n{{size}} {{#toJson}}filters{{/toJson}} \u2028 😀'
_TYPES = {
    "knn": {"knn_vector"},
    "rank_feature": {"rank_feature", "rank_features"},
    "neural_sparse": {"rank_features"},
}


def check_strategies(assets: Assets) -> Iterator[Problem]:
    """Everything that is wrong with the strategies."""
    for strategy in assets.strategies:
        yield from _check_template(strategy)
        types: dict[str, str] = {}
        for index in strategy.indexes:
            if index in assets.indexes:
                types |= field_types(assets.indexes[index].get("mappings", {}))
            else:
                message = f"there is no index {index!r}; {near(index, assets.indexes)}"
                yield Problem(f"strategies/{strategy.name}/strategy.toml", "index", message)
        analyzers = set(ANALYZERS).union(
            *(
                analysis_of(assets.indexes[index].get("settings", {})).get("analyzer", {})
                for index in strategy.indexes
                if index in assets.indexes
            )
        )
        for case in assets.cases.get(strategy.name, ()):
            yield from _check_case(strategy, case, types, analyzers)


def _check_template(strategy: Strategy) -> Iterator[Problem]:
    file = f"strategies/{strategy.name}/template.mustache"
    read = names(strategy.template)
    of_items = frozenset().union(*(ITEMS[name] for name in read & ITEMS.keys()))
    for name in sorted(read - NEEDS - ALWAYS - of_items):
        message = f"unknown parameter {name!r}; {near(name, NEEDS | ALWAYS)}"
        yield Problem(file, f"{{{{{name}}}}}", message)
    for name in sorted((read & NEEDS) - strategy.reads):
        message = f"reads {name!r}, which strategy.toml does not list under needs or uses"
        yield Problem(file, f"{{{{{name}}}}}", message)
    for name in sorted(ALWAYS - read):
        message = "never used: every template puts it into its body"
        yield Problem(file, f"{{{{{name}}}}}", message)


def _check_case(
    strategy: Strategy, case: Case, types: Mapping[str, str], analyzers: Set[str]
) -> Iterator[Problem]:
    file, place = f"strategies/{strategy.name}/cases.json", f"case {case.name!r}"
    params = dict(case.params)
    for name in sorted(set(params) - NEEDS - ALWAYS):
        yield Problem(file, place, f"unknown parameter {name!r}; {near(name, NEEDS | ALWAYS)}")
    absent = sorted((strategy.needs | ALWAYS) - set(params))
    if absent:
        yield Problem(file, place, f"params lacks {', '.join(absent)}")
        return
    if not isinstance(params["filters"], list):
        yield Problem(file, place, "params.filters must be a list of filter clauses")
        return
    try:
        body = render(strategy.template, params)
    except AssetError as error:
        yield Problem(file, place, error.message)
        return
    if body != case.body:
        yield Problem(file, place, f"renders to another body: {_difference(body, case.body)}")
    template = f"strategies/{strategy.name}/template.mustache"
    yield from (Problem(template, "", message) for message in _habits(strategy, params, body))
    for name, where in unknown_queries(body):
        yield Problem(template, where, f"unknown query {name!r}; {near(name, QUERIES)}")
    for name, where in analyzers_named(body):
        if types and name not in analyzers:
            yield Problem(
                template, where, f"there is no analyzer {name!r}; {near(name, analyzers)}"
            )
    if types:
        yield from _check_fields(template, body, types)


def _habits(strategy: Strategy, params: Mapping[str, Any], body: Any) -> Iterator[str]:
    """What every body must do, whatever it searches for."""
    if not isinstance(body, Mapping):
        yield "must render to a JSON object"
        return
    if body.get("size") != params["size"]:
        yield 'the body must have "size": {{size}}'
    allowed: list[Any] = [False]
    if strategy.returns == "references":
        allowed.append(["references"])
    if body.get("_source") not in allowed:
        wanted = " or ".join(orjson.dumps(item).decode() for item in allowed)
        yield f'must bring ids and scores only: write "_source": {wanted}'
    for key in sorted(BRINGS_FIELDS & set(body)):
        yield f"must bring ids and scores only: {key!r} does not belong here"
    try:
        probed = render(strategy.template, {**params, "filters": [_PROBE]})
        if orjson.dumps(_PROBE) not in orjson.dumps(probed.get("query")):
            yield "the filters must stand inside the query, not after it"
    except AssetError:
        yield "fails with a filter; write {{#toJson}}filters{{/toJson}} where a list may stand"
    for name, value in params.items():
        if isinstance(value, str):
            try:
                render(strategy.template, {**params, name: _NASTY})
            except AssetError:
                yield f'breaks when {name!r} holds a quote; write "{{{{{name}}}}}" in quotes'


def _check_fields(file: str, body: Any, types: Mapping[str, str]) -> Iterator[Problem]:
    for named in named_fields(body):
        kind = type_of(named.field, types)
        if kind is None:
            message = f"no mapping has the field {named.field!r}; {near(named.field, types)}"
            yield Problem(file, named.place, message)
        elif named.query in _TYPES and kind not in _TYPES[named.query]:
            wanted = " or ".join(sorted(_TYPES[named.query]))
            message = f"{named.query} needs a field of type {wanted}; {named.field!r} is {kind}"
            yield Problem(file, named.place, message)


def _difference(given: Any, expected: Any, place: str = "body") -> str:
    """Where two JSON values differ first, and how."""
    if isinstance(given, dict) and isinstance(expected, dict):
        for key in [*expected, *given]:
            if key not in given:
                return f"{place}.{key} is missing"
            if key not in expected:
                return f"{place}.{key} is not expected"
            if given[key] != expected[key]:
                return _difference(given[key], expected[key], f"{place}.{key}")
    if isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
        for index, (left, right) in enumerate(zip(given, expected, strict=True)):
            if left != right:
                return _difference(left, right, f"{place}[{index}]")
    return f"{place} is {_short(given)}, expected {_short(expected)}"


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else text[:77] + "..."
