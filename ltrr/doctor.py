"""What `ltrr doctor` looks at. Each check says what was found and what to do about it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from ltrr.engine import make_model_server, state_of
from ltrr.progress import ConsoleReporter
from ltrr.settings import Settings
from ltrr.wiring import open_cluster
from plugin.assets import compilations
from plugin.engine import Places, Running, find_places
from plugin.engine.account import child_account, closed_folder
from plugin.engine.artifacts import opensearch
from plugin.engine.config import heap_mib
from plugin.engine.distribution import is_assembled
from plugin.engine.download import is_fetched
from plugin.engine.java import LEAST_VERSION, find_java
from plugin.engine.ports import is_free
from plugin.errors import EngineError, LtrrError
from plugin.strategies import load_strategies

_GB = 1e9
_WANTED_DISK = 8 * _GB


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table. Only ``fail`` means that something cannot work."""

    what: str
    result: Literal["ok", "warn", "fail"]
    found: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """All checks, the machine first, then what runs."""
    yield python()
    embedded = settings.engine == "embedded"
    places = find_places(settings)
    if embedded:
        yield java(settings, places)
        yield memory()
        yield disk(places)
        yield folders(places)
        yield download(places)
    yield encoder(settings)
    running = state_of(settings, ConsoleReporter())
    yield node(settings, running)
    yield templates(settings, running)
    yield model_server(settings)
    yield enrichment(settings, running)
    yield port(settings)
    yield browser()


def python() -> Check:
    """3.11 to 3.13: what all our packages have wheels for."""
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Check("Python", "ok", found)
    return Check("Python", "fail", found, "Install Python 3.11, 3.12 or 3.13.")


def java(settings: Settings, places: Places) -> Check:
    """The Java that a node would get now."""
    if not shutil.which("bash"):
        return Check("Java", "fail", "no bash", "Install bash: OpenSearch's start script needs it.")
    try:
        found = find_java(places, child_account(), settings.java_home)
    except EngineError as error:
        return Check("Java", "fail", "none", error.message)
    told = f"{found.version} ({found.origin}: {found.home})"
    if found.vector:
        return Check("Java", "ok", told)
    return Check(
        "Java", "ok", told, f"Vector maths is faster on a full JDK {LEAST_VERSION} or newer."
    )


def memory() -> Check:
    """Node, model server and sidecar together take about 2.5 GB."""
    available = psutil.virtual_memory().available
    told = f"{available / _GB:.1f} GB available; the node gets {heap_mib(available)} MB of heap"
    if available >= 2.5 * _GB:
        return Check("Memory", "ok", told)
    return Check("Memory", "warn", told, "Close other programs: 2.5 GB are comfortable.")


def disk(places: Places) -> Check:
    """Room for what is still missing, and for data."""
    artifacts = opensearch()
    free = shutil.disk_usage(_existing(places.cache)).free
    told = f"{free / _GB:.1f} GB free at {_existing(places.cache)}"
    if is_assembled(places, artifacts):
        needed = 1 * _GB
    else:
        missing = sum(one.size for one in artifacts.all if not is_fetched(one, places.downloads))
        needed = missing + artifacts.unpacked + 1 * _GB
    if free < needed:
        return Check(
            "Disk", "fail", told, f"Make room ({needed / _GB:.1f} GB), or set LTRR_CACHE elsewhere."
        )
    if free < _WANTED_DISK and not is_assembled(places, artifacts):
        return Check("Disk", "warn", told, "All in all about 8 GB are wanted.")
    return Check("Disk", "ok", told)


def folders(places: Places) -> Check:
    """The node's user must get into both folders."""
    told = f"cache {places.cache}, state {places.state}"
    try:
        account = child_account()
    except EngineError as error:
        return Check("Folders", "fail", told, error.message)
    for folder, variable in ((places.cache, "LTRR_CACHE"), (places.state, "LTRR_STATE")):
        closed = account and closed_folder(folder, account)
        if account and closed:
            return Check(
                "Folders",
                "fail",
                told,
                f"The node's user {account.name} cannot enter {closed}. Set {variable} elsewhere.",
            )
    return Check("Folders", "ok", told + (f"; the node runs as {account.name}" if account else ""))


def download(places: Places) -> Check:
    """How much of OpenSearch is here."""
    artifacts = opensearch()
    total = sum(one.size for one in artifacts.all) / 1e6
    if is_assembled(places, artifacts):
        return Check("OpenSearch", "ok", f"{artifacts.distribution.version}, ready to start")
    have = sum(one.size for one in artifacts.all if is_fetched(one, places.downloads)) / 1e6
    return Check(
        "OpenSearch",
        "warn",
        f"{have:.0f} of {total:.0f} MB downloaded",
        "`ltrr up` downloads the rest, once.",
    )


def encoder(settings: Settings) -> Check:
    """Whether the sentence encoder can be found; it is not loaded."""
    from plugin.encoding.onnx import locate

    try:
        source = locate(settings.encoder)
    except LtrrError as error:
        return Check("Encoder", "fail", settings.encoder, error.message)
    if importlib.util.find_spec("onnxruntime") is None:
        return Check("Encoder", "fail", source.name, "Install the package onnxruntime.")
    if source.local:
        return Check("Encoder", "ok", f"{source.name}, on this machine")
    return Check("Encoder", "warn", source.name, "It is fetched from the model hub on first use.")


def node(settings: Settings, running: Running | None) -> Check:
    """Whether OpenSearch answers."""
    if running is None:
        if settings.engine == "url":
            told = f"{settings.opensearch_url} does not answer"
            return Check("Node", "fail", told, "`ltrr up` says why.")
        return Check("Node", "warn", "not running", "`ltrr up` starts it.")
    told = f"OpenSearch {running.version} at {running.url}"
    return Check("Node", "warn" if running.notes else "ok", told, " ".join(running.notes))


def templates(settings: Settings, running: Running | None) -> Check:
    """Whether the node compiles and keeps as many search templates as there are strategies."""
    what = "Templates"
    if running is None:
        return Check(what, "ok", "looked at once the node runs")
    cluster = open_cluster(settings)
    try:
        found = compilations.limits(cluster)
        strategies = len(load_strategies(settings.assets))
    except LtrrError as error:
        return Check(what, "warn", "not known", error.message)
    finally:
        cluster.close()
    short = compilations.shortage(found, strategies) if found else None
    if short:
        return Check(what, "warn", f"too few for {strategies} strategies", short)
    return Check(what, "ok", f"room for {strategies} strategies")


def model_server(settings: Settings) -> Check:
    """Whether single writes can get their vectors from OpenSearch."""
    what = "Model server"
    if settings.model_server:
        return Check(what, "ok", f"{settings.model_server} (LTRR_MODEL_SERVER)")
    companion = make_model_server(settings)
    if companion is None:
        return Check(what, "warn", "none", "Set LTRR_MODEL_SERVER to one that the cluster reaches.")
    record = companion.status()
    if record is None:
        return Check(what, "warn", "not running", "`ltrr up` starts it.")
    return Check(what, "ok", f"http://127.0.0.1:{record.port}")


def enrichment(settings: Settings, running: Running | None) -> Check:
    """Who computes vectors and predicted queries of single writes."""
    what = "Enrichment"
    if settings.enrichment == "client":
        return Check(what, "ok", "by the client (LTRR_ENRICHMENT)")
    if running is None:
        return Check(what, "ok", "by OpenSearch's ingest pipeline, once the node runs")
    if running.ml_commons:
        return Check(what, "ok", "by OpenSearch's ingest pipeline (ML Commons)")
    if settings.enrichment == "pipeline":
        return Check(
            what, "fail", "ML Commons is not there", "Install it, or unset LTRR_ENRICHMENT."
        )
    return Check(what, "ok", "by the client: ML Commons is not there")


def port(settings: Settings) -> Check:
    """Whether `ltrr serve` could listen."""
    if is_free(settings.port):
        return Check("Sidecar's port", "ok", f"{settings.port} is free")
    return Check(
        "Sidecar's port",
        "warn",
        f"{settings.port} is taken",
        "Fine if `ltrr serve` runs; else set LTRR_PORT.",
    )


def browser() -> Check:
    """Only the browser tests need it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found and shutil.which("chromedriver"):
        return Check("Browser (tests)", "ok", found)
    return Check(
        "Browser (tests)",
        "warn",
        "no Chromium with chromedriver",
        "Only for the browser tests: apt-get install chromium chromium-driver",
    )


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
