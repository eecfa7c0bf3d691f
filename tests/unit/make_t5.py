"""``python make_t5.py FOLDER``: a tiny random sequence-to-sequence model, made by torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from tiny_tokenizer import WORDS, save_tokenizer
from transformers import T5Config, T5ForConditionalGeneration


def main(folder: Path) -> None:
    torch.manual_seed(1)
    save_tokenizer(folder)
    T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(WORDS),
            d_model=16,
            d_kv=8,
            d_ff=16,
            num_layers=1,
            num_heads=2,
            pad_token_id=0,
            eos_token_id=3,
            decoder_start_token_id=0,
        )
    ).save_pretrained(str(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
