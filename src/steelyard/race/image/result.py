"""A finished training on pictures, in memory or read back from its folder."""

from __future__ import annotations

import json
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from steelyard.core import DataError, write_text

if TYPE_CHECKING:
    from steelyard.tasks.image import ImageModel

__all__ = ["ImageRun"]

FILES = ("model.json", "model.safetensors", "report.json")


class ImageRun:
    """What `train_images` returns.

    Attributes:
        best_: the delivered model, with `predict_proba` and `predict`.
        results_: one row a candidate: scores with intervals, difference to doing nothing, ten metrics.
        verdict_: the answer in sentences.
        facts: everything the report shows, as plain values.
        folder: where the run lies, or None.
    """

    def __init__(
        self,
        best: ImageModel | None,
        facts: dict[str, Any],
        model: dict[str, Any],
        folder: Path | None = None,
    ) -> None:
        self._best = best
        self.facts = facts
        self.model = model
        self.folder = folder

    @staticmethod
    def is_here(folder: str | Path) -> bool:
        """Whether a folder holds a run on pictures."""
        return (Path(folder) / FILES[1]).is_file()

    @classmethod
    def load(cls, folder: str | Path) -> ImageRun:
        """Read a finished run; the weights are opened only when they are first used.

        Raises:
            DataError: no finished run is there.
        """
        place = Path(folder)
        missing = [name for name in FILES if not (place / name).is_file()]
        if missing:
            raise DataError(
                f"{str(place)!r} holds no finished run on pictures ({missing[0]} is missing); give a run's folder"
            )
        try:
            facts = json.loads((place / FILES[2]).read_text(encoding="utf-8"))
            model = json.loads((place / FILES[0]).read_text(encoding="utf-8"))["model"]
        except (ValueError, KeyError) as error:
            raise DataError(f"{str(place)!r} is damaged ({error}); train again") from error
        return cls(None, facts, model, place)

    @property
    def best_(self) -> ImageModel:
        """The delivered model."""
        if self._best is None:
            if self.folder is None:
                raise DataError("this run holds no model; run again")
            from steelyard.tasks.image import ImageModel

            self._best = ImageModel.load(self.folder, self.model)
        return self._best

    @cached_property
    def results_(self) -> pd.DataFrame:
        """One row a candidate, best first."""
        return pd.DataFrame(
            [
                {name: value for name, value in row.items() if name != "metrics"}
                | {f"metric_{name}": value for name, value in (row.get("metrics") or {}).items()}
                for row in self.facts["race"]["rows"]
            ]
        )

    @property
    def verdict_(self) -> list[str]:
        """The answer in sentences."""
        return list(self.facts["verdict"])

    def card(self) -> dict[str, Any]:
        """What `model.json` holds: the model without its weights, the goal, versions, data hash, final figures."""
        facts = self.facts
        return {
            "kind": "image",
            "steelyard": facts["versions"].get("steelyard"),
            "created": facts["created"],
            "classes": facts["classes"],
            "positive": facts["positive"],
            "goal": facts["goal"],
            "operating_point": facts["chosen"]["rule"],
            "chosen": facts["chosen"],
            "versions": facts["versions"],
            "data_hash": facts["digest"],
            "final_test": facts["test"]["metrics"],
            "verdict": facts["verdict"],
            "model": self.model,
        }

    def report(self, path: str | Path | None = None) -> str:
        """The self-contained HTML page, written to `path` when given."""
        from steelyard.report import render_images

        page = render_images(self.facts)
        if path is not None:
            write_text(path, page)
        return page

    def __str__(self) -> str:
        """The verdict and the candidates."""
        shown = self.results_[["rank", "arm", "score", "low", "high", "difference"]]
        return "\n".join([*self.verdict_, "", shown.to_string(index=False)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.verdict_)
        return f"<div>{lines}{self.results_.to_html(index=False)}</div>"
