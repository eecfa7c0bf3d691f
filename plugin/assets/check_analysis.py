"""The analyzers of an index: what they are made of is there, and synonyms are rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from plugin.assets.problems import Problem, near
from plugin.assets.vocabulary import CHAR_FILTERS, STEMMERS, TOKEN_FILTERS, TOKENIZERS

_PLACE = "settings.index.analysis"


def analysis_of(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``analysis`` part of the settings of an index, {} where there is none."""
    inner = settings.get("index", settings)
    found = inner.get("analysis", {}) if isinstance(inner, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def check_analysis(file: str, analysis: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong with the analyzers and their parts."""
    filters = set(analysis.get("filter", {})) | TOKEN_FILTERS
    char_filters = set(analysis.get("char_filter", {})) | CHAR_FILTERS
    tokenizers = set(analysis.get("tokenizer", {})) | TOKENIZERS
    for name, analyzer in analysis.get("analyzer", {}).items():
        place = f"{_PLACE}.analyzer.{name}"
        yield from _named(file, place, "filter", _list(analyzer.get("filter")), filters)
        yield from _named(
            file, place, "char_filter", _list(analyzer.get("char_filter")), char_filters
        )
        yield from _named(file, place, "tokenizer", _list(analyzer.get("tokenizer")), tokenizers)
    for name, body in analysis.get("filter", {}).items():
        place = f"{_PLACE}.filter.{name}"
        kind = body.get("type")
        if kind in ("multiplexer", "condition"):
            chains = [
                step.strip() for chain in _list(body.get("filters")) for step in chain.split(",")
            ]
            yield from _named(file, place, "filter", chains, filters)
        if kind == "stemmer":
            languages = [body.get("language", body.get("name", "english"))]
            yield from _named(file, place, "stemmer", languages, STEMMERS)
        if kind in ("synonym", "synonym_graph"):
            for rule in _list(body.get("synonyms")):
                if wrong := _wrong_with_rule(str(rule)):
                    yield Problem(file, place, f"the rule {str(rule)!r} {wrong}")


def _named(
    file: str, place: str, what: str, names: list[str], known: Set[str]
) -> Iterator[Problem]:
    for name in names:
        # What stands for a missing part of the folder was said when it was read.
        if name not in known and not name.startswith("${"):
            yield Problem(file, place, f"there is no {what} {name!r}; {near(name, known)}")


def _wrong_with_rule(rule: str) -> str | None:
    """What is wrong with a synonym rule, or None. One that is bad keeps the index from opening."""
    if rule.startswith("${"):
        return None
    sides = rule.split("=>")
    if len(sides) > 2:
        return "has more than one =>"
    terms = [[term.strip() for term in side.split(",")] for side in sides]
    if not all(term for side in terms for term in side):
        return "has an empty term; write a, b or a => b"
    if len(sides) == 1 and len(terms[0]) < 2:
        return "names one term only; write a, b or a => b"
    if not all(any(char.isalnum() for char in term) for side in terms for term in side):
        return "has a term without a letter or digit, of which nothing is left to look up"
    return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
