"""``python make_cross_encoder.py FOLDER``: a tiny random cross-encoder, made by torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from tiny_tokenizer import save_tokenizer, tiny_bert
from transformers import BertForSequenceClassification


def main(folder: Path) -> None:
    torch.manual_seed(1)
    save_tokenizer(folder)
    BertForSequenceClassification(
        tiny_bert(
            max_position_embeddings=300,
            initializer_range=1.0,
            num_labels=1,
        )
    ).save_pretrained(str(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
