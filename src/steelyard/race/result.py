"""A finished run, in memory or read back from its folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from steelyard.core import DataError, write_text
from steelyard.race.model import TableModel
from steelyard.race.storage import load_model

__all__ = ["Run"]


class Run:
    """What `run` returns.

    Attributes:
        best_: the delivered model, with `predict_proba`, `predict` and `set_prevalence`.
        results_: one row an arm: scores with intervals, difference to doing nothing, ten metrics.
        verdict_: the answer in three sentences.
        facts: everything the report shows, as plain values.
        schema: the columns and classes the model expects.
        folder: where the run lies, or None.
    """

    def __init__(
        self,
        best: TableModel | None,
        facts: dict[str, Any],
        schema: dict[str, Any],
        folder: Path | None = None,
    ) -> None:
        self._best = best
        self.facts = facts
        self.schema = schema
        self.folder = folder
        self.trusted: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: str | Path, *, trusted: Sequence[str] = ()) -> Run:
        """Read a finished run; the model file is opened only when it is first used.

        Args:
            folder: the run's folder.
            trusted: types from elsewhere that the model may hold; an own arm that won names them in `run.log`.
        """
        place = Path(folder)
        for name in ("model.json", "report.json", "model.skops"):
            if not (place / name).is_file():
                raise DataError(
                    f"{str(place)!r} holds no finished run ({name} is missing); give a run's folder"
                )
        facts = json.loads((place / "report.json").read_text(encoding="utf-8"))
        card = json.loads((place / "model.json").read_text(encoding="utf-8"))
        made = cls(None, facts, card["schema"], place)
        made.trusted = tuple(trusted)
        return made

    @property
    def best_(self) -> TableModel:
        """The delivered model."""
        if self._best is None:
            if self.folder is None:
                raise DataError("this run holds no model; run again")
            self._best = load_model(self.folder / "model.skops", trusted=self.trusted)
        return self._best

    @cached_property
    def results_(self) -> pd.DataFrame:
        """One row an arm, best first."""
        rows = []
        for row in self.facts["race"]["rows"]:
            flat = {name: value for name, value in row.items() if name != "metrics"}
            rows.append(
                flat | {f"metric_{name}": value for name, value in (row.get("metrics") or {}).items()}
            )
        return pd.DataFrame(rows)

    @property
    def verdict_(self) -> list[str]:
        """The answer in three sentences."""
        return list(self.facts["verdict"])

    def card(self) -> dict[str, Any]:
        """What `model.json` holds: schema, classes, operating point, versions, data hash, final figures."""
        test = self.facts.get("test")
        return {
            "steelyard": self.facts["versions"].get("steelyard"),
            "created": self.facts["created"],
            "classes": self.facts["classes"],
            "positive": self.facts["positive"],
            "goal": self.facts["goal"],
            "operating_point": self.facts["chosen"]["rule"],
            "chosen": self.facts["chosen"],
            "versions": self.facts["versions"],
            "data_hash": self.facts["digest"],
            "final_test": test["metrics"] if test else {},
            "verdict": self.facts["verdict"],
            "schema": self.schema,
        }

    def report(self, path: str | Path | None = None) -> str:
        """The self-contained HTML page, written to `path` when given."""
        from steelyard.report import render

        page = render(self.facts)
        if path is not None:
            write_text(path, page)
        return page

    def __str__(self) -> str:
        """The verdict and the ten best arms."""
        shown = self.results_.head(10)[["rank", "arm", "score", "low", "high", "difference"]]
        return "\n".join([*self.verdict_, "", shown.to_string(index=False)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.verdict_)
        return f"<div>{lines}{self.results_.head(10).to_html(index=False)}</div>"
