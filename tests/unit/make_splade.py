"""``python make_splade.py FOLDER``: a tiny random SPLADE-style model, made by torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from sentence_transformers import SparseEncoder
from sentence_transformers.sentence_transformer.modules import Transformer
from sentence_transformers.sparse_encoder.modules import SpladePooling
from tiny_tokenizer import save_tokenizer, tiny_bert
from transformers import BertForMaskedLM


def main(folder: Path) -> None:
    torch.manual_seed(1)
    plain = folder / "plain"
    save_tokenizer(plain)
    BertForMaskedLM(
        tiny_bert(
            max_position_embeddings=64,
            initializer_range=1.0,
        )
    ).save_pretrained(str(plain))
    transformer = Transformer(str(plain), max_seq_length=32, transformer_task="fill-mask")
    model = SparseEncoder(modules=[transformer, SpladePooling("max")], device="cpu")
    model.save_pretrained(str(folder / "model"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
