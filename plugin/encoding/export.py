"""``python -m plugin.encoding.export``: makes an ONNX export of a sentence-transformers model.

Runs as a process of its own, so that the one that serves never imports torch. The export is tried
before it is trusted: probe texts go through the original model and through the export, and the
manifest says which runtime gave the same vectors.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import orjson

from plugin.encoding.runtime import OnnxRuntime, SentenceTransformersRuntime, Shape

MANIFEST = "encoder.json"
WEIGHTS = (".onnx", ".onnx_data", ".safetensors", ".bin")
TOLERANCE = 1e-5
PROBES = (
    "a",
    "Shake It Off by Taylor Swift",
    "Café, naïve: DON'T stop?!",
    "夜に駆ける",
    "🎵",
    "a longer text of quite ordinary words that says nothing much at all " * 40,
)


def export(source: str, target: Path, *, offline: bool) -> None:
    """Write the ONNX export of ``source`` (a folder, or a name on the hub) into ``target``.

    ``offline`` keeps the hub libraries from asking the network about a model that is a folder.

    Raises:
        ValueError: no runtime gives the vectors of the original model.
        Exception: whatever sentence-transformers says of a model that it cannot load or export.
    """
    if offline:
        # Read by the hub library when it is imported, hence set before the imports below.
        os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    original = SentenceTransformer(source, device="cpu")
    expected = original.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    SentenceTransformer(
        source,
        backend="onnx",
        device="cpu",
        model_kwargs={"provider": "CPUExecutionProvider", "export": True},
    ).save_pretrained(str(target))

    shape = _shape(original)
    if shape is not None:
        found = OnnxRuntime(target, shape).encode(PROBES)
        shape = shape if abs(found - expected).max() <= TOLERANCE else None
    if shape is None:
        found = SentenceTransformersRuntime(target).encode(PROBES)
        if not abs(found - expected).max() <= TOLERANCE:
            raise ValueError("its ONNX export gives other vectors than the model itself")
    manifest = {
        "dimensions": int(expected.shape[1]),
        "sha256": _sha256(target),
        "runtime": None
        if shape is None
        else {
            "pooling": shape.pooling,
            "max_tokens": shape.max_tokens,
            "pad_token": shape.pad_token,
        },
    }
    (target / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _shape(model: Any) -> Shape | None:
    """The shape of a model that is transformer, pooling and perhaps normalisation; else None."""
    names = [type(module).__name__ for module in model]
    if names[:2] != ["Transformer", "Pooling"] or names[2:] not in ([], ["Normalize"]):
        return None
    pooling = getattr(model[1], "pooling_mode", None) or model[1].get_pooling_mode_str()
    max_tokens = model.max_seq_length
    if pooling not in ("mean", "cls", "max") or not max_tokens:
        return None
    pad = getattr(model.tokenizer, "pad_token_id", None)
    return Shape(pooling=pooling, max_tokens=int(max_tokens), pad_token=int(pad or 0))


def _sha256(folder: Path) -> str:
    """Of the weights and the tokenizer: what the vectors depend on, and no library's version."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in WEIGHTS or path.name == "tokenizer.json":
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("target", type=Path)
    parser.add_argument("--offline", action="store_true")
    arguments = parser.parse_args()
    try:
        export(arguments.source, arguments.target, offline=arguments.offline)
    except Exception as error:  # noqa: BLE001 - the parent reports it, whatever it is
        reason = " ".join(str(error).split())
        print(f"{type(error).__name__}: {reason[:500]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
