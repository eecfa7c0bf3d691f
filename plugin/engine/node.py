"""Start one OpenSearch node from an assembled distribution, and wait until it is really ready."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

from plugin.engine.account import Account, give
from plugin.engine.config import as_yaml, heap_mib, jvm_options, node_settings
from plugin.engine.failure import reason_of_death
from plugin.engine.http import Http
from plugin.engine.java import Java
from plugin.engine.ports import LOOPBACK, choose_port
from plugin.engine.preparing import prepare_cluster
from plugin.engine.process import start_program
from plugin.engine.record import Record
from plugin.errors import EngineError

# Half a minute on an idle machine with two cores; a busy one was seen to need two minutes.
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class NodePlan:
    """Everything that a node needs to start."""

    folder: Path
    record_path: Path
    distribution: Path
    java: Java
    account: Account | None
    preferred_port: int | None
    ml_commons: bool


def start_node(plan: NodePlan) -> Record:
    """Write the node's configuration, start it, and return when it can be used.

    Raises:
        EngineError: it died or never became ready; the message holds the reason from its log.
    """
    port = choose_port(plan.preferred_port, str(plan.folder))
    transport = choose_port(None, f"{plan.folder} transport", taken=(port,))
    _configure(plan, port, transport)
    heap = heap_mib(psutil.virtual_memory().available)
    log = plan.folder / "logs" / "console.log"
    with Http(f"http://{LOOPBACK}:{port}") as http:
        record = start_program(
            "OpenSearch",
            [str(plan.distribution / "bin" / "opensearch")],
            record_path=plan.record_path,
            log=log,
            port=port,
            ready=lambda: answers(http, ml_commons=plan.ml_commons),
            timeout_s=_PATIENCE_S,
            # Nothing of our own environment: it may hold options for other Java programs.
            env={
                "PATH": os.defpath,
                "HOME": str(plan.folder),
                "LC_ALL": "C",
                "OPENSEARCH_JAVA_HOME": str(plan.java.home),
                "OPENSEARCH_JAVA_OPTS": f"-Xms{heap}m -Xmx{heap}m",
                "OPENSEARCH_PATH_CONF": str(plan.folder / "config"),
                "OPENSEARCH_TMPDIR": str(plan.folder / "tmp"),
            },
            cwd=plan.folder,
            account=plan.account,
            details={
                "java": f"{plan.java.version} ({plan.java.origin})",
                "ml_commons": "yes" if plan.ml_commons else "no",
                "distribution": plan.distribution.name,
                "heap_mib": str(heap),
            },
            explain=reason_of_death,
        )
        prepare_cluster(http, ml_commons=plan.ml_commons)
        return record


def answers(http: Http, *, ml_commons: bool) -> bool:
    """Whether the node serves requests, ML Commons among them."""
    if http.ask("GET", "/_cluster/health?local=true") is None:
        return False
    return not ml_commons or http.ask("GET", "/_plugins/_ml/stats") is not None


def _configure(plan: NodePlan, port: int, transport: int) -> None:
    """Make the node's own folder; what an earlier run left in ``config`` and ``tmp`` goes."""
    settings = node_settings(plan.folder, port, transport, ml_commons=plan.ml_commons)
    original = plan.distribution / "config"
    config = plan.folder / "config"
    try:
        for name in ("config", "tmp"):
            shutil.rmtree(plan.folder / name, ignore_errors=True)
        for name in ("config", "data", "logs", "tmp"):
            (plan.folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original / "log4j2.properties", config / "log4j2.properties")
        options = jvm_options((original / "jvm.options").read_text(), plan.folder, plan.java)
        (config / "jvm.options").write_text(options)
        (config / "opensearch.yml").write_text(as_yaml(settings))
        plan.folder.chmod(0o700)
        give(plan.folder, plan.account)
    except OSError as error:
        raise EngineError(
            f"the node's folder {plan.folder} cannot be prepared: {error}. If another user's node"
            " used it, remove it or set LTRR_STATE to another folder."
        ) from error
