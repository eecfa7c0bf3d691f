"""``python make_cross_encoder.py FOLDER``: a tiny random cross-encoder, made by torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from tiny_tokenizer import WORDS, save_tokenizer
from transformers import BertConfig, BertForSequenceClassification


def main(folder: Path) -> None:
    torch.manual_seed(1)
    save_tokenizer(folder)
    BertForSequenceClassification(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=300,
            initializer_range=1.0,
            num_labels=1,
        )
    ).save_pretrained(str(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
