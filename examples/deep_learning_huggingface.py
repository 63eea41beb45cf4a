"""Hugging Face's Trainer on digits with a long tail: a small vision transformer, trained from nothing."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import Dataset
from transformers import TrainingArguments, ViTConfig, ViTForImageClassification

from steelyard import Prior
from steelyard.data import exponential, make_imbalanced
from steelyard.losses import BalancedSoftmaxLoss
from steelyard.metrics import recall_by_frequency
from steelyard.train import HuggingFaceTrainer

CONFIG = ViTConfig(
    image_size=8,
    patch_size=4,
    num_channels=1,
    hidden_size=48,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    hidden_dropout_prob=0.0,
    num_labels=10,
)


class Pictures(Dataset):
    """Digits as transformers takes them."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        self.pixels = torch.tensor(pixels / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
        self.labels = torch.tensor(labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        return {"pixel_values": self.pixels[i], "labels": self.labels[i]}


def main() -> dict[str, dict[str, float]]:
    """Recall of common and rare digits, judged on balanced rows."""
    X, digits = load_digits(return_X_y=True)
    rest, test = train_test_split(np.arange(len(digits)), test_size=0.4, stratify=digits, random_state=0)
    rows = rest[make_imbalanced(digits[rest], exponential(50), seed=0)]
    prior = Prior.of(digits[rows])  # counted on training rows

    arms: dict[str, dict[str, Any]] = {
        "the model's own loss": {},
        "balanced softmax, averaged": {"loss": BalancedSoftmaxLoss(prior), "ema": 0.95},
    }
    found = {}
    for name, parts in arms.items():
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            trainer = HuggingFaceTrainer(
                model=ViTForImageClassification(CONFIG),
                args=TrainingArguments(
                    output_dir=folder,
                    num_train_epochs=20,
                    per_device_train_batch_size=32,
                    per_device_eval_batch_size=256,
                    learning_rate=3e-3,
                    warmup_steps=20,
                    save_strategy="no",
                    report_to="none",
                    disable_tqdm=True,
                    use_cpu=True,
                    dataloader_pin_memory=False,
                ),
                train_dataset=Pictures(X[rows], digits[rows]),
                **parts,
            )
            trainer.train()
            logits = trainer.predict(Pictures(X[test], digits[test])).predictions
        found[name] = recall_by_frequency(digits[test], logits.argmax(1), prior, many=50, few=20)
        print(f"{name:27}", *(f"{group} {recall:.3f}" for group, recall in found[name].items()))
    return found


if __name__ == "__main__":
    main()
