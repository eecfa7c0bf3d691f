"""Every setting, read once from the environment. Nothing else reads it.

Each field carries its environment variable and a sentence for the README's table, which a test
compares with this file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints
from urllib.parse import urlsplit

from bandit_service.policies.exploration import CAP
from plugin.assets.extends import extends, resolved
from plugin.engine.places import find_places
from plugin.errors import InvalidRequest

Engine = Literal["embedded", "url"]
Enrichment = Literal["auto", "pipeline", "client"]
Blender = Literal["rrf", "minmax"]
LearningPolicy = Literal["explorer", "rls", "thompson", "squarecb", "softmax", "epsilon"]
PolicyName = Literal[LearningPolicy, "uniform", "static", "tuned", "pair", "triple"]
ChallengerName = Literal["", LearningPolicy]
Mode = Literal["learn", "apprentice"]
RankerMode = Literal["sum", "gated", "off"]
LearnerPlace = Literal["thread", "elsewhere"]


def _setting(variable: str, default: Any, meaning: str, *, secret: bool = False) -> Any:
    return field(
        default=default,
        # A secret stays out of anything that prints the settings.
        repr=not secret,
        metadata={"variable": variable, "meaning": meaning},
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set, with its default."""

    engine: Engine = _setting(
        "LTRR_ENGINE",
        "embedded",
        "`embedded` runs a node of our own, `url` uses the cluster at `OPENSEARCH_URL`.",
    )
    opensearch_url: str = _setting(
        "OPENSEARCH_URL", "", "The cluster, with `LTRR_ENGINE=url`; else found by itself."
    )
    opensearch_user: str = _setting("OPENSEARCH_USER", "", "User name for that cluster.")
    opensearch_password: str = _setting("OPENSEARCH_PASSWORD", "", "Its password.", secret=True)
    namespace: str = _setting(
        "LTRR_NAMESPACE", "ltrr", "What the names of everything we make in the cluster begin with."
    )
    assets: Path = _setting(
        "LTRR_ASSETS", Path("opensearch"), "The folder of indexes, strategies and pipelines."
    )
    cache: Path | None = _setting(
        "LTRR_CACHE",
        None,
        "Downloads and the exported encoder, shared by all checkouts; else by XDG rules.",
    )
    state: Path | None = _setting(
        "LTRR_STATE",
        None,
        "The node's data, the spool and logs of this checkout; else by XDG rules.",
    )
    java_home: str = _setting(
        "JAVA_HOME", "", "A Java for the node, if it is 21 or newer; else one is looked for."
    )
    host: str = _setting("LTRR_HOST", "127.0.0.1", "Where the sidecar listens.")
    port: int = _setting("LTRR_PORT", 8642, "The sidecar's port.")
    model_server: str = _setting(
        "LTRR_MODEL_SERVER",
        "",
        "Address of a model server, as the cluster sees it; else the one that `ltrr up` starts.",
    )
    model_server_port: int = _setting(
        "LTRR_MODEL_SERVER_PORT", 8643, "The port of the model server that `ltrr up` starts."
    )
    encoder: str = _setting(
        "LTRR_ENCODER",
        "all-MiniLM-L6-v2",
        "The sentence encoder: a model's name or a folder.",
    )
    enrichment: Enrichment = _setting(
        "LTRR_ENRICHMENT",
        "auto",
        "Who computes vectors and predicted queries of single writes: the `pipeline` in OpenSearch,"
        " the `client`, or `auto`: the pipeline where ML Commons is there.",
    )
    sparse: str = _setting(
        "LTRR_SPARSE",
        "",
        "A SPLADE-style model's name or a folder, for sparse vectors; else they are made from the"
        " catalogue's own words, without a model.",
    )
    predictor: str = _setting(
        "LTRR_PREDICTOR",
        "offline",
        "Who predicts the queries of an entity: `offline`, `t5:<model>`, or `llm:<url>#<model>`"
        " for an OpenAI-compatible endpoint; the last two add to the first.",
    )
    llm_key: str = _setting("LTRR_LLM_KEY", "", "The key of that endpoint.", secret=True)
    data: Path | None = _setting(
        "LTRR_DATA", None, "A dataset folder: what `ltrr ingest` loads when it is given no path."
    )
    secret: str = _setting(
        "LTRR_SECRET",
        "",
        "Signs query ids and keys the hashes of users and sessions; the same for all sidecars."
        " Else made at random for this checkout and kept beside its state.",
        secret=True,
    )
    admin_token: str = _setting(
        "LTRR_ADMIN_TOKEN",
        "",
        "Lets its bearer explain queries of other sessions. Without it, nobody can.",
        secret=True,
    )
    workers: int = _setting("LTRR_WORKERS", 1, "Processes of `ltrr serve`.")
    threads: int = _setting("LTRR_THREADS", 8, "Requests that one process works on at a time.")
    in_flight: int = _setting(
        "LTRR_IN_FLIGHT",
        64,
        "Requests that one process takes in, running or waiting their turn; more get 429 at once.",
    )
    learner: LearnerPlace = _setting(
        "LTRR_LEARNER",
        "thread",
        "`thread`: the sidecar learns beside serving, unless another process does already;"
        " `elsewhere`: it leaves that to `ltrr learn`.",
    )
    budget_ms: int = _setting("LTRR_BUDGET_MS", 2000, "How long a query may wait for OpenSearch.")
    candidates: int = _setting(
        "LTRR_CANDIDATES", 600, "How many candidates a query draws in all, over its strategies."
    )
    blender: Blender = _setting(
        "LTRR_BLENDER",
        "minmax",
        "`minmax`: weighted scaled scores; `rrf`: weighted reciprocal ranks.",
    )
    policy: PolicyName = _setting(
        "LTRR_POLICY",
        "explorer",
        "Who chooses strategies. `explorer`, `rls`: inverse gaps over values by Vowpal Wabbit or by"
        " least squares; `thompson`: over the latter's uncertainty; `squarecb`, `softmax`,"
        " `epsilon`: Vowpal Wabbit's explorers. Without learning: `uniform`, `static`, and `tuned`,"
        " `pair`, `triple` of `baseline.toml`. A change of policy begins to learn anew.",
    )
    challenger: ChallengerName = _setting(
        "LTRR_CHALLENGER",
        "",
        "Another policy that learns, by the names of `LTRR_POLICY`: it learns beside that one, and"
        " serves instead of it once pages that both share say that it is no worse"
        " (`LTRR_RANKER_MARGIN`), until they say that it is worse; empty: none.",
    )
    ranker: RankerMode = _setting(
        "LTRR_RANKER",
        "sum",
        "`sum`: blend + ranker serves from 500 learnt pages on, until interleaving says that it is"
        " worse; `gated`: only once interleaving says that it is no worse; `off`: the blend's"
        " order.",
    )
    ranker_margin: float = _setting(
        "LTRR_RANKER_MARGIN",
        0.1,
        "By how much a ranker may win less than the blend on interleaved pages (of 1), or a"
        " challenger less than the policy, and still count as no worse.",
    )
    cross_encoder: str = _setting(
        "LTRR_CROSS_ENCODER",
        "",
        "A cross-encoder's name or folder, that reads the best 20 of a page once more while"
        " `LTRR_BUDGET_MS` lasts; empty: none.",
    )
    mode: Mode = _setting(
        "LTRR_MODE",
        "learn",
        "`learn`: serve what was learnt; `apprentice`: serve the static baseline, and only learn.",
    )
    quality: float = _setting(
        "LTRR_QUALITY",
        1.0,
        "From 1 (quality: all candidates) to 0 (cost: few strategies, a tenth of the candidates).",
    )
    floor: float = _setting(
        "LTRR_FLOOR", 0.03, "The least probability with which a strategy is tried."
    )
    everything: float = _setting(
        "LTRR_EVERYTHING", 0.05, "The share of queries that run all strategies."
    )
    holdout: float = _setting(
        "LTRR_HOLDOUT", 0.02, "The share of queries that the static baseline answers, for ever."
    )
    memory_sessions: int = _setting(
        "LTRR_MEMORY_SESSIONS",
        3,
        "How many distinct sessions must choose an entity before others see it remembered.",
    )
    memory_half_life_days: int = _setting(
        "LTRR_MEMORY_HALF_LIFE_DAYS",
        90,
        "After how many days what was seen and chosen counts half in the memory of queries.",
    )
    session_acts: int = _setting(
        "LTRR_SESSION_ACTS",
        300,
        "How many searches and choices of one session are learnt from per window; who does a fifth"
        " of it within a minute is held out of learning altogether.",
    )
    client_acts: int = _setting(
        "LTRR_CLIENT_ACTS", 3000, "The same for one client: all sessions of a device or address."
    )
    window_s: int = _setting(
        "LTRR_WINDOW_S", 1800, "Seconds after which a page without a choice counts as none."
    )
    journal_mb: int = _setting(
        "LTRR_JOURNAL_MB", 1024, "From this size on the journal goes on in a new index."
    )
    journal_days: int = _setting("LTRR_JOURNAL_DAYS", 30, "Or when the index is so old.")
    journal_keep_days: int = _setting(
        "LTRR_JOURNAL_KEEP_DAYS",
        0,
        "So long after that an index is deleted, once no snapshot needs it; 0: never. Without its"
        " beginning the journal cannot be learnt anew, for example to forget somebody.",
    )
    snapshots: int = _setting(
        "LTRR_SNAPSHOTS",
        5,
        "How many snapshots are kept to go back to: the newest two, and earlier ones.",
    )
    snapshot_minutes: int = _setting(
        "LTRR_SNAPSHOT_MINUTES", 60, "How far those earlier ones are apart, at least."
    )
    spool_mb: int = _setting(
        "LTRR_SPOOL_MB", 256, "How much of the journal may wait on the local disk."
    )
    examples: str = _setting(
        "LTRR_EXAMPLES", "", "Queries that the page offers to begin with, separated by `;`."
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; an empty variable counts as not set.

        Raises:
            InvalidRequest: naming the variable, its value and what it may be.
            InvalidAssets: the assets folder cannot be put together with what it extends.
        """
        environ = os.environ if environ is None else environ
        hints = get_type_hints(cls)
        given = {
            entry.name: _parse(entry.metadata["variable"], hints[entry.name], raw)
            for entry in fields(cls)
            if (raw := environ.get(entry.metadata["variable"], "").strip())
        }
        settings = cls(**given)
        if settings.engine == "url" and not settings.opensearch_url:
            raise InvalidRequest(
                "LTRR_ENGINE=url needs OPENSEARCH_URL, for example http://host:9200"
            )
        settings._check()
        return replace(settings, assets=_whole(settings))

    def _check(self) -> None:
        if "@" in urlsplit(self.opensearch_url).netloc:
            # The address stands in messages and logs; a password must not. Nor is it shown here.
            raise InvalidRequest(
                "OPENSEARCH_URL holds a user name or password: "
                "give them as OPENSEARCH_USER and OPENSEARCH_PASSWORD"
            )
        for name in ("floor", "everything", "holdout", "quality", "ranker_margin"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest(f"LTRR_{name.upper()} must be between 0 and 1")
        if self.floor > CAP:
            raise InvalidRequest(f"LTRR_FLOOR must be at most {CAP}: above that nothing is chosen")
        if self.everything + self.holdout > 1:
            raise InvalidRequest("LTRR_EVERYTHING and LTRR_HOLDOUT together must be at most 1")
        if self.challenger:
            if self.policy not in get_args(LearningPolicy):
                raise InvalidRequest("LTRR_CHALLENGER needs an LTRR_POLICY that learns")
            if self.challenger == self.policy:
                raise InvalidRequest("LTRR_CHALLENGER must be another policy than LTRR_POLICY")
        for name in ("port", "model_server_port"):
            if not 1 <= getattr(self, name) <= 65535:
                raise InvalidRequest(f"LTRR_{name.upper()} must be between 1 and 65535")
        kind, colon, place = self.predictor.partition(":")
        if (kind, colon, place) != ("offline", "", "") and (kind not in ("t5", "llm") or not place):
            # Not shown: an address may hold what is nobody else's business.
            raise InvalidRequest("LTRR_PREDICTOR must be offline, t5:<model> or llm:<url>#<model>")
        positive = ("workers", "threads", "in_flight", "budget_ms", "candidates")
        for name in (
            *positive,
            "memory_sessions",
            "memory_half_life_days",
            "window_s",
            "session_acts",
            "client_acts",
            "journal_mb",
            "journal_days",
            "snapshots",
            "snapshot_minutes",
            "spool_mb",
        ):
            if getattr(self, name) < 1:
                raise InvalidRequest(f"LTRR_{name.upper()} must be at least 1")
        if self.journal_keep_days < 0:
            raise InvalidRequest("LTRR_JOURNAL_KEEP_DAYS must be 0 or more")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_]{0,40}", self.namespace):
            raise InvalidRequest(
                f"LTRR_NAMESPACE is {self.namespace!r}, not lower-case letters, digits and _"
            )


def _whole(settings: Settings) -> Path:
    """The assets folder; one that extends another is put together in the cache."""
    if not extends(settings.assets):
        return settings.assets
    return resolved(settings.assets, find_places(settings).cache / "assets")


def _parse(variable: str, hint: Any, raw: str) -> Any:
    choices = get_args(hint)
    if choices and all(isinstance(choice, str) for choice in choices):
        if raw not in choices:
            raise InvalidRequest(
                f"{variable} is {raw!r}, but must be one of {', '.join(filter(None, choices))}"
            )
        return raw
    kind = next((choice for choice in choices if choice is not type(None)), hint)
    try:
        return kind(raw)
    except ValueError:
        raise InvalidRequest(f"{variable} is {raw!r}, but must be a {kind.__name__}") from None
