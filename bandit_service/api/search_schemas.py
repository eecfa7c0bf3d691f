"""What goes into ``/_ltrr/search`` and comes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bandit_service.api.schemas import MOST_CHARACTERS, Id, In, Name, Out
from plugin.model import Device


class Asked(In):
    """Who asks for what: what all that makes a page has in common."""

    query: str = Field(
        "",
        max_length=MOST_CHARACTERS,
        description="What was typed, as it was typed. Without a word in it, what is popular comes.",
        examples=["tayler love"],
    )
    user: Id | None = Field(None, description="Your id of the user. Only a keyed hash is kept.")
    session: Id | None = Field(
        None, description="Your id of the visit. Its own choices change its pages at once."
    )
    client: Id | None = Field(
        None,
        description="Your id of the device or address that a visit comes from, so that many "
        "sessions of one client have no more weight than it has. Only a keyed hash is kept. Not "
        "needed where clients connect by themselves or through a proxy of yours.",
    )
    locale: Name | None = Field(None, examples=["en-GB"])
    device: Device | None = Field(None, description="What is searched on, if you know.")
    filters: dict[str, Any] = Field(
        default_factory=dict,
        max_length=50,
        description="Field → value, list of values (any of them), "
        '{"gte", "lte", "gt", "lt"}, {"exists": true} or, for places, {"geo": {"lat", "lon", '
        '"within": "10km"}} and {"geo": {"top", "left", "bottom", "right"}}. '
        "All fields must hold, in every strategy.",
        examples=[{"language": "en", "published": {"gte": 1980}}],
    )
    types: list[Name] = Field(
        default_factory=list, max_length=50, description="Entity types wanted; none means all."
    )
    learn: bool = Field(True, description="false marks monitors, tests and comparisons.")


class SearchRequest(Asked):
    """What somebody searches for."""

    start: int = Field(
        0, alias="from", ge=0, le=10_000, description="Position of the first hit, from 0."
    )
    size: int = Field(10, ge=1, le=100, description="Hits on the page.")
    query_id: Id | None = Field(
        None, description="Of the first page: needed for later ones, which continue its list."
    )
    layout: Literal["mixed", "grouped"] = Field(
        "mixed",
        description="`grouped`: kind by kind, in `groups` as well; every kind that does well has "
        "its share of the first page. Say it on later pages too.",
    )
    collapse: bool = Field(
        True, description="false shows near-duplicates one by one. Counts on the first page."
    )
    diversity: float | None = Field(
        None,
        ge=0,
        le=1,
        description="How much different kinds and makers count against the best order; 0 is off. "
        "Else as page.toml says. Counts on the first page.",
    )
    facets: bool | Annotated[list[Name], Field(max_length=50)] = Field(
        False,
        description="Fields to count the values of, true for all facets. Counted is what matches "
        "the query's words and what strategies brought, within the filters.",
        examples=[["categories"]],
    )
    highlight: bool | Annotated[list[Name], Field(max_length=20)] = Field(
        False, description="Mark the query's words in these fields, true for the usual ones."
    )
    explain: bool = Field(
        False, description="Say in `reasons` what ranked each hit. Counts on the first page."
    )


class Origin(Out):
    """That a strategy brought an entity. `session` stands for the session's own choice, `rule` for
    a rule (of a pin `rank` is the position, of a boost `score` the factor), `caller` for who
    offered it."""

    strategy: str
    rank: int
    score: float


class HitOut(Out):
    """One result."""

    id: str
    score: float
    type: str
    position: int = Field(description="Its place in the whole list, from 1.")
    source: dict[str, Any]
    provenance: list[Origin]
    collapsed: list[str] = Field(description="Ids of near-duplicates that it stands for.")
    highlight: dict[str, list[str]] = Field(
        description="Field → fragments, HTML-escaped but for the tags. Empty unless asked for."
    )
    reasons: dict[str, float] = Field(
        description="What added to its rank, by name: the blend, and features of the ranker, which "
        "sum to the score it was ordered by. Empty unless asked for."
    )


class GroupOut(Out):
    """The hits of one kind, best first."""

    type: str
    hits: list[HitOut]


class FacetValue(Out):
    """How many entities have this value."""

    value: str | int | float | bool
    count: int


class ChoiceOut(Out):
    """What was decided about one strategy."""

    strategy: str
    value: float
    propensity: float
    included: bool
    candidates: int
    weight: float


class SlotOut(Out):
    """One reading of some words. `role` is the part that the value plays: name (of `entity`), by,
    type, facets, language, recent or popular. One word can be read in several ways."""

    role: str
    field: str
    value: str
    words: str
    start: int = Field(description="Position of its first word among all words, from 0.")
    end: int = Field(description="Position after its last word.")
    likelihood: float
    entity: str | None = None


class Understanding(Out):
    """How the query was read. `words` are normalised: case, accents and punctuation do not count.
    `left_out` says which strategies were not eligible, and why. On later pages only the words are
    told: the first one has the rest."""

    text: str
    words: list[str]
    language: str | None = Field(None, description="The likeliest language's code, if it shows.")
    corrected: str = Field(
        "",
        description="The words without typing errors (“did you mean”); empty without any. Most "
        "strategies search for these already.",
    )
    intents: dict[str, float] = Field(
        default_factory=dict,
        description="known_item, attribute, topic, broad and question with likelihoods.",
    )
    slots: list[SlotOut] = Field(default_factory=list, description="The likeliest reading first.")
    left_out: dict[str, str]


class SearchAnswer(Out):
    """One page. `decision` is empty on later pages: they only continue the first one's list."""

    query_id: str
    took_ms: float
    total: int = Field(description="Length of the ranked list, through which one can page.")
    hits: list[HitOut] = Field(description="In the order in which they are shown.")
    groups: list[GroupOut] | None = Field(
        description="With layout `grouped`: the same hits kind by kind, in the order of their best."
    )
    facets: dict[str, list[FacetValue]] = Field(description="By field, the commonest first.")
    decision: list[ChoiceOut]
    understanding: Understanding
    policy_version: str
    degraded: list[str] = Field(description="Strategies and parts that failed on the way.")
