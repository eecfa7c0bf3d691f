"""A tokenizer of single letters, and the size of the tiny models that tests make; beside their
scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import BertConfig, BertTokenizerFast

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", *_LETTERS]
WORDS += [f"##{letter}" for letter in _LETTERS]


def save_tokenizer(folder: Path) -> None:
    """Put the tokenizer into ``folder``, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(str(folder))


def tiny_bert(**more: Any) -> BertConfig:
    """One layer of two heads over those letters."""
    return BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        **more,
    )
