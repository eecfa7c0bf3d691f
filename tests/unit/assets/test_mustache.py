"""Rendering without a node. That it equals the node's is tested on a node."""

from __future__ import annotations

import pytest

from plugin.assets.mustache import java_double, names, render
from plugin.errors import AssetError


@pytest.mark.parametrize("text", ['"', "\\", "\n", "{{size}}", "\u2028", "😀", "\x00", ""])
def test_a_text_arrives_as_it_was_whatever_it_holds(text: str) -> None:
    assert render('{"q": "{{text}}"}', {"text": text, "size": 1}) == {"q": text}


def test_data_is_never_read_as_a_template() -> None:
    filters = [{"term": {"name": "{{size}} {{#toJson}}x{{/toJson}}"}}]
    assert render('{"f": {{#toJson}}filters{{/toJson}}}', {"filters": filters, "size": 3}) == {
        "f": filters
    }


def test_an_empty_list_and_nested_objects_keep_their_form() -> None:
    value = [{"a": {"b": [1, None, True, 0.5, {}, []]}}]
    assert render('{"v": {{#toJson}}v{{/toJson}}}', {"v": value}) == {"v": value}
    assert render('{"v": {{#toJson}}v{{/toJson}}}', {"v": []}) == {"v": []}


def test_a_parameter_that_is_missing_renders_to_nothing() -> None:
    assert render('{"v": "[{{nothing}}]"}', {}) == {"v": "[]"}


def test_zero_is_true_as_in_java() -> None:
    assert render('{"v": "{{#x}}yes{{/x}}{{^x}}no{{/x}}"}', {"x": 0}) == {"v": "yes"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), "\ud800"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(AssetError, match="cannot be sent as JSON"):
        render('{"v": {{#toJson}}v{{/toJson}}}', {"v": [value]})


def test_a_body_that_is_no_json_says_where() -> None:
    with pytest.raises(AssetError, match=r"not JSON.*near"):
        render('{"q": {{text}}}', {"text": "love story"})


@pytest.mark.parametrize("template", ["{{#a}}", "{{/a}}", '{"v": "{{x}"}'])
def test_a_template_that_is_no_mustache_is_refused(template: str) -> None:
    with pytest.raises(AssetError, match="not mustache"):
        render(template, {})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.000999, "9.99E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-12345678.9, "-1.23456789E7"),
        (1e21, "1.0E21"),
        (5e-324, "5.0E-324"),
    ],
)
def test_numbers_are_written_as_java_writes_them(value: float, text: str) -> None:
    assert java_double(value) == text


def test_names_are_found_in_variables_sections_and_functions() -> None:
    template = (
        '{{! note }}{"a": "{{text}}", "b": {{#toJson}}filters{{/toJson}}, "c": {{{size}}},'
        " {{#now}}{{vector.0}}{{/now}}{{^slots}}{{/slots}} {{#join delimiter=' '}}words"
        "{{/join delimiter=' '}}}"
    )
    assert names(template) == {"text", "filters", "size", "now", "vector", "slots", "words"}
