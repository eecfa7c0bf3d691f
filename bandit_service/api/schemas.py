"""What goes in and out over HTTP. The OpenAPI document is generated from these models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
)

from plugin.model import Device

MOST_CHARACTERS = 2000

Id = Annotated[str, Field(min_length=1, max_length=512)]


def _no_text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must not hold control characters")
    return value


Name = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_no_text)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_In):
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


class Origin(_Out):
    """That a strategy brought an entity. `session` stands for the session's own choice, `rule` for
    a rule (of a pin `rank` is the position, of a boost `score` the factor), `caller` for who
    offered it."""

    strategy: str
    rank: int
    score: float


class HitOut(_Out):
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


class GroupOut(_Out):
    """The hits of one kind, best first."""

    type: str
    hits: list[HitOut]


class FacetValue(_Out):
    """How many entities have this value."""

    value: str | int | float | bool
    count: int


class ChoiceOut(_Out):
    """What was decided about one strategy."""

    strategy: str
    value: float
    propensity: float
    included: bool
    candidates: int
    weight: float


class SlotOut(_Out):
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


class Understanding(_Out):
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


class SearchAnswer(_Out):
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


class QueryPath(BaseModel):
    """The id of a query, from its page."""

    query_id: str = Field(min_length=1, max_length=512)


class Asking(BaseModel):
    """Who asks; or send the admin token as bearer."""

    session: str | None = Field(None, max_length=512, description="The session that searched.")


class EntryOut(_Out):
    """A journal entry of the query, without ids of people."""

    id: str
    recorded_at: int = Field(description="In milliseconds since 1970.")
    learn: bool
    body: dict[str, Any]


class Explanation(_Out):
    """How a page came to be and what became of it."""

    query_id: str
    decision: EntryOut
    page: EntryOut | None = Field(description="The first page; null if there never was one.")
    feedback: list[EntryOut] = Field(description="What came within the last second may be missing.")
    credit: dict[str, float] = Field(
        description="What each strategy that ran and answered earned (0..1), by the feedback above."
    )


class StrategyOut(_Out):
    """A strategy and how it did lately in this process (null: it was not eligible yet)."""

    name: str
    family: str
    description: str
    ready: bool = Field(description="Its template is in the cluster.")
    needs: list[str]
    stage: int
    entity_types: list[str]
    returns: str
    cost: float
    queries: int = Field(description="Of the last 500: for how many it was eligible.")
    ran: float | None = Field(description="In which part of those it ran.")
    share: float | None = Field(description="Its mean say in the blend over those queries.")
    value: float | None
    weight: float | None = Field(description="Its mean say when it ran.")
    cost_ms: float | None
    failures: int


class StrategiesAnswer(_Out):
    """All strategies."""

    strategies: list[StrategyOut]


class PolicyAnswer(_Out):
    """The served snapshot; `history` is oldest first, for pictures."""

    version: str = Field(description="`uniform` while there is no snapshot.")
    history: list[dict[str, Any]]


class Alive(_Out):
    """The process answers."""

    alive: bool


class Check(_Out):
    """One dependency."""

    ok: bool
    took_ms: float
    message: str | None


class Readiness(_Out):
    """Whether queries can be answered now."""

    ready: bool
    checks: dict[str, Check]


class ErrorDetail(_Out):
    """What is wrong and what to do."""

    code: str
    message: str


class ErrorAnswer(_Out):
    """Every error looks like this."""

    error: ErrorDetail
