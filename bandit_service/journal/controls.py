"""Orders to the learner that name what was fitted: entries like any other, so a replay obeys too.

A model (ranker, adapter, graph …) is trained beside the fold. Its bytes go to
:class:`bandit_service.learner.artefacts.Artefacts` first; then ``fitted_model`` says that they are
there, ``promote`` that they are to be served, and ``roll_back`` that something earlier is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

from bandit_service.journal.addressing import addressed
from bandit_service.journal.documents import to_document
from bandit_service.journal.entries import Entry, control_entry
from bandit_service.journal.names import FIRST, index_name
from plugin.cluster import Cluster, ResponseError


class FittedModel(TypedDict):
    """``trained_to``: [generation, seq_no] up to which the journal was read for the training."""

    name: Literal["fitted_model"]
    model: str
    sha256: str
    trained_to: list[int]
    about: Mapping[str, Any]


class Promote(TypedDict):
    """Serve what ``fitted_model`` named ``sha256``. ``evidence``: why; for people."""

    name: Literal["promote"]
    model: str
    sha256: str
    evidence: Mapping[str, Any]


class RollBack(TypedDict):
    """``models``: model → the sha256 to serve from now on, None for none; others stay.

    ``policy``: the sha256 of an artefact that holds a dump of the policy to go on from, None to
    leave the policy alone. ``to`` names the version that this comes from, where it is one.
    """

    name: Literal["roll_back"]
    to: str | None
    policy: str | None
    models: Mapping[str, str | None]
    evidence: Mapping[str, Any]


class PolicyVerdict(TypedDict):
    """Of the gate between two classes of policies: ``challenger`` serves instead of ``incumbent``
    (``promoted``), has no part any more (``dropped``), gives back what it served
    (``rolled_back``), or is kept ``waiting`` against what interleaving says."""

    name: Literal["policy_verdict"]
    verdict: Literal["promoted", "waiting", "dropped", "rolled_back"]
    challenger: str
    incumbent: str
    evidence: Mapping[str, Any]


Order = FittedModel | Promote | RollBack | PolicyVerdict


def fitted_model(
    model: str,
    sha256: str,
    *,
    trained_to: tuple[int, int],
    about: Mapping[str, Any] | None = None,
) -> FittedModel:
    """The body of an entry: ``model`` was fitted, its bytes are the artefact ``sha256``."""
    return {
        "name": "fitted_model",
        "model": model,
        "sha256": sha256,
        "trained_to": list(trained_to),
        "about": about or {},
    }


def promote(model: str, sha256: str, *, evidence: Mapping[str, Any] | None = None) -> Promote:
    """The body of an entry: serve this fitted ``model`` from now on."""
    return {"name": "promote", "model": model, "sha256": sha256, "evidence": evidence or {}}


def roll_back(
    models: Mapping[str, str | None],
    *,
    to: str | None = None,
    policy: str | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> RollBack:
    """The body of an entry: serve these ``models``, and go on from this ``policy``."""
    return {
        "name": "roll_back",
        "to": to,
        "policy": policy,
        "models": dict(models),
        "evidence": evidence or {},
    }


def order(cluster: Cluster, body: Order, now: datetime, id: str | None = None) -> Entry:
    """Write a control entry into the journal itself, for whoever has no spool.

    ``id``: the same order under the same id is given once; else a new one.

    Raises:
        MissingIndex: there is no journal yet.
        NodeUnavailable: OpenSearch does not answer. The order may have been given.
        ResponseError: 409, it was given before; 403, the journal went on in another index at this
            very moment: give it again.
    """
    rest = {key: value for key, value in body.items() if key != "name"}
    first = index_name(cluster, FIRST)
    entry = control_entry(id or secrets.token_hex(16), first, now, body["name"], rest)
    wanted = addressed(cluster, [entry])
    if not wanted:
        raise ResponseError(f"{entry.id} was given before", 409, "version_conflict")
    (entry,) = wanted
    cluster.request("PUT", f"/{entry.index}/_create/{entry.id}", to_document(entry))
    return entry
