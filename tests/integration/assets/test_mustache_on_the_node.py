"""Rendering without a node gives what the node gives; where they differ, the node is right."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from plugin.assets.mustache import render
from plugin.cluster import Cluster, ResponseError
from plugin.errors import AssetError

pytestmark = pytest.mark.integration

STRINGS = [
    "plain words",
    'a "quote" and a \\ backslash',
    "new\nline\r\ttab\b\f",
    "\x00\x01\x1f\x7f\x80",
    "emoji 😀 👩‍👩‍👧 and 日本語 العربية",
    "separators \u2028 \u2029 \u00a0 \ufeff",
    "{{x}} {{{x}}} {{#toJson}}filters{{/toJson}} {{! no }} {{=<% %>=}}",
    "<b>&amp;</b> ' ` = /",
    "${x} $x %s | a:1 title:( *",
    "",
    " ",
    "0",
    "false",
    "null",
]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    10,
    2**31,
    2**53 + 1,
    0.0,
    -0.0,
    1.0,
    0.1,
    1e-3,
    9.99e-4,
    1e-5,
    123456.789,
    9999999.0,
    1e7,
    12345678.9,
    1.5e300,
    3.4028235e38,
    [],
    {},
    [None],
    ["a", "b"],
    [1, 2.5, True, None, "x"],
    {"a": 1},
    {"a": {"b": [1, {"c": "d"}]}, "e": None},
    [{"a": 'q"'}, {"a": "{{x}}"}, [[]], {}],
]
TEMPLATES = {
    "a text": '{"v": "{{x}}"}',
    "a text, not escaped": '{"v": "[{{{y}}}][{{&y}}]"}',
    "as JSON": '{"v": [{{#toJson}}x{{/toJson}}]}',
    "joined": '{"v": "{{#join}}x{{/join}}"}',
    "joined by bars": "{\"v\": \"{{#join delimiter='||'}}x{{/join delimiter='||'}}\"}",
    "a section": '{"v": "{{#x}}yes{{/x}}{{^x}}no{{/x}}"}',
    "a section of itself": '{"v": "{{#x}}<{{.}}>{{/x}}"}',
    "inside": '{"v": "{{x.a}} {{x.0}} {{x.size}} {{x.a.b.0}} {{x.e}}"}',
    "inside a section": '{"v": "{{#x}}{{a}},{{y}};{{/x}}"}',
    "as JSON, inside": '{"v": [{{#toJson}}x.a{{/toJson}}]}',
    "comments and spaces": '{{! a comment }}\n{\n  {{! another }}\n "v": "{{ x }}"\n}\n',
    "missing": '{"v": "{{nothing}}{{x.nothing}}{{#nothing}}a{{/nothing}}"}',
}


def _node(cluster: Cluster, template: str, params: dict[str, Any]) -> Any:
    body = {"source": template, "params": params}
    try:
        return cluster.request("POST", "/_render/template", body)["template_output"]
    except (ResponseError, orjson.JSONDecodeError) as error:
        # The node writes what it rendered into its answer as it is, JSON or not.
        return f"refused: {error}"


def _here(template: str, params: dict[str, Any]) -> Any:
    try:
        return render(template, params)
    except AssetError:
        return "refused"


def _agree(node: Any, here: Any) -> bool:
    if isinstance(node, str) and node.startswith("refused"):
        return bool(here == "refused")
    return bool(node == here)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))
def test_every_value_renders_as_on_the_node(cluster: Cluster, template: str) -> None:
    different = []
    for value in [*STRINGS, *VALUES]:
        params = {"x": value, "y": 'a "quoted" y' if "{{{" not in template else "y"}
        node, here = _node(cluster, template, params), _here(template, params)
        if not _agree(node, here):
            different.append((value, node, here))
    assert not different


@pytest.mark.parametrize(
    "template",
    ['{"v": "{{x}"}', '{"v": "{{#x}}"}', '{"v": "{{/x}}"}', '{"v": {{x}}}', "", "{"],
)
def test_what_the_node_refuses_is_refused_here(cluster: Cluster, template: str) -> None:
    params = {"x": "a text"}
    assert str(_node(cluster, template, params)).startswith("refused")
    assert _here(template, params) == "refused"
