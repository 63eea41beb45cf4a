"""What a method, a published system and a claim say about themselves.

A method file holds a module-level literal `CARD = {...}`; a recipe holds a literal `PAPER = {...}`. Both are
read with `ast`, so listing them imports nothing and there is no registry to edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Card", "Claim", "Paper", "Status"]

Status = Literal["verified", "claimed", "experimental"]


@dataclass(frozen=True)
class Card:
    """The self-description of one method.

    Attributes:
        lever: what the method moves: "weights", "resample", "ensemble", "decide", "metrics", "learner" …
        name: the public name, importable from the package the file lies in.
        title: one line in the field's standard terms.
        seeds: numbers of the published systems that use it, such as "021".
        needs: extras or abilities it requires, such as "imblearn" or "probabilities".
        example: constructor arguments for examples and conformance tests.
        since: the version that brought it.
        status: verified (claims judged and holding), claimed (not judged yet) or experimental.
        source: the publication it follows.
        facts: whatever the lever adds, for example a metric's direction or how a race uses the method.
        module: the dotted module, filled in by the catalogue.
        path: the file, filled in by the catalogue.
    """

    lever: str
    name: str
    title: str
    seeds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    since: str = "0.1"
    status: Status = "claimed"
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    module: str = ""
    path: str = ""

    @property
    def package(self) -> str:
        """The package that exports the method, such as `steelyard.metrics`."""
        return self.module.rpartition(".")[0]

    @property
    def foreign(self) -> bool:
        """Whether another package brought it."""
        return not self.module.startswith("steelyard.")

    def load(self) -> Any:
        """Import and return the method itself; this is the only place where a card imports code."""
        from importlib import import_module

        return getattr(import_module(self.module), self.name)


@dataclass(frozen=True)
class Claim:
    """A statement of a published system that code can judge.

    Attributes:
        says: the statement in words.
        metric: the metric it is about.
        arm, beats: on `metric`, `arm` is better than `beats` by more than `by` …
        by: … in the metric's unit.
        within: instead of beating: the two differ by at most this much in every single trial.
        share: instead of beating on average: `arm` is better on at least this share of the data sets or seeds.
        p: besides, the signed-rank test must reach a p-value below this for the claim to hold.
        lower: smaller values of the metric are better.
        data: only these data sets; empty for all.
    """

    says: str
    metric: str
    arm: str
    beats: str
    by: float = 0.0
    within: float | None = None
    share: float | None = None
    p: float = 1.0
    lower: bool = False
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """One published system as its recipe states it.

    Attributes:
        number: such as "021".
        title: of the publication.
        area: its part of the field, such as "tabular" or "longtail".
        source: authors and year.
        claims: what the recipe judges.
        notes: how the recipe departs from the publication, one sentence each.
        shows: metrics of its table of arms; those of the claims if empty.
        module: the recipe's module, filled in by the catalogue.
    """

    number: str
    title: str
    area: str = ""
    source: str = ""
    claims: tuple[Claim, ...] = ()
    notes: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    module: str = ""
