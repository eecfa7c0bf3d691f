"""A tokenizer of single letters, for the tiny models that tests make; beside their scripts."""

from __future__ import annotations

from pathlib import Path

from transformers import BertTokenizerFast

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", *_LETTERS]
WORDS += [f"##{letter}" for letter in _LETTERS]


def save_tokenizer(folder: Path) -> None:
    """Put the tokenizer into ``folder``, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(str(folder))
