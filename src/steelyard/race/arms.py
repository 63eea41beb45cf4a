"""What races: learners × remedies, both found through cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from steelyard.core import Adjustment, Card, Floats, UsageError, find

__all__ = ["Arm", "Learner", "Remedy", "all_arms", "learners", "remedies"]

BLENDS = ("blend", "weighted_blend")
OWN = "own"


@dataclass(frozen=True)
class Learner:
    """A classifier factory and the encoding it likes."""

    name: str
    label: str
    encoding: str
    rank: int
    default: bool
    card: Card = field(compare=False)

    def build(self, *, seed: int, n_rows: int, n_jobs: int = 1) -> Any:
        """A fresh, unfitted classifier."""
        return self.card.load()(seed=seed, n_rows=n_rows, n_jobs=n_jobs)


@dataclass(frozen=True)
class Remedy:
    """Something done about the imbalance.

    `kind` says how the fitting differs from doing nothing: "weights" and "resampler" change the rows a learner
    sees, "ensemble" replaces or wraps it, "adjustment" moves the scores after training and so the decisions,
    "averaging" and the blends only average models; "prior_only" uses no features at all. Remedies with a higher `rank`
    are less simple.
    """

    name: str
    label: str
    kind: str
    rank: float
    encoding: str | None = None
    wraps: bool = True
    default: bool = True
    card: Card | None = field(default=None, compare=False)
    estimator: Any = field(default=None, compare=False)

    @property
    def params(self) -> dict[str, Any]:
        """Settings the race gives the method, from its card."""
        return {} if self.card is None else dict(self.card.facts["arm"].get("params", {}))

    def suits(self, learner: Learner) -> bool:
        """Whether the remedy is raced with this learner; its card may name a few."""
        named = None if self.card is None else self.card.facts["arm"].get("learners")
        return named is None or learner.name in named

    def adjustment(self, natural: Floats) -> Adjustment:
        """What an arm of this kind does to scores that stand at the class shares `natural` (K,)."""
        assert self.card is not None  # noqa: S101 - only cards carry this kind; narrows the type
        made: Adjustment = self.card.load()(natural, **self.params)
        return made

    @property
    def control(self) -> bool:
        """Controls are always run: without them no remedy's gain can be read."""
        return self.card is None and self.kind != OWN

    @property
    def refits(self) -> bool:
        """Whether the arm needs fits of its own, or reuses those of doing nothing."""
        return self.kind not in {"prior_only", "adjustment", *BLENDS}


NOTHING = Remedy("nothing", "nothing", "nothing", 0)
PRIOR_ONLY = Remedy("prior_only", "prior only", "prior_only", -1, wraps=False)
AVERAGING = Remedy("averaging", "averaging over folds", "averaging", 1.5)
BLEND = Remedy("blend", "averaging over learners", "blend", 0, wraps=False)
WEIGHTED = Remedy("weighted_blend", "weighted averaging over learners", "weighted_blend", 0, wraps=False)
CONTROLS = (PRIOR_ONLY, NOTHING, BLEND, WEIGHTED, AVERAGING)


@dataclass(frozen=True)
class Arm:
    """One learner under one remedy."""

    remedy: Remedy
    learner: Learner | None = None

    @property
    def key(self) -> str:
        """A name that is unique and safe in file names."""
        return f"{self.remedy.name}.{self.learner.name if self.learner else 'own'}"

    @property
    def label(self) -> str:
        """How the arm is shown."""
        if self.learner is None:
            return self.remedy.label
        if self.remedy.kind == "nothing":
            return f"{self.learner.label} alone"
        return f"{self.remedy.label} + {self.learner.label}"

    @property
    def foreign(self) -> bool:
        """Whether a part of it comes from another package."""
        parts = (self.remedy.card, self.learner.card if self.learner else None)
        return any(card is not None and card.foreign for card in parts)

    @property
    def encoding(self) -> str:
        """The encoding its rows come in."""
        own = self.learner.encoding if self.learner else "tree"
        return self.remedy.encoding or own


def learners(names: Sequence[str] | None = None) -> list[Learner]:
    """The learners to race: those named, or the default ones."""
    known = {
        card.name: Learner(
            card.name,
            str(card.facts["label"]),
            str(card.facts["encoding"]),
            int(card.facts["rank"]),
            bool(card.facts.get("default", False)),
            card,
        )
        for card in find(lever="learner")
    }
    chosen = [known[n] for n in _known(names, known, "learner")] if names else None
    return sorted(chosen or [one for one in known.values() if one.default], key=lambda one: one.rank)


def remedies(names: Sequence[str] | None = None) -> list[Remedy]:
    """The remedies to race beside the controls: those named, or the default ones."""
    known = {}
    for card in find(fact="arm"):
        facts = card.facts["arm"]
        known[card.name] = Remedy(
            name=card.name,
            label=str(facts["label"]),
            kind=str(facts["kind"]),
            rank=float(facts["rank"]),
            encoding=facts.get("encoding"),
            wraps=bool(facts.get("wraps", True)),
            default=bool(facts.get("default", True)),
            card=card,
        )
    if names is None:
        chosen = [one for one in known.values() if one.default]
    else:
        controls = {one.name for one in CONTROLS} | {"none"}
        chosen = [known[n] for n in _known([n for n in names if n not in controls], known, "remedy")]
    return sorted(chosen, key=lambda one: (one.rank, one.name))


def all_arms(some_learners: Sequence[Learner], some_remedies: Sequence[Remedy]) -> list[Arm]:
    """Every control and every remedy with every learner it can wrap; controls first.

    Averaging over folds is tried only with the best learner, which is known later: the engine adds it.
    """
    arms = [Arm(PRIOR_ONLY), *(Arm(NOTHING, one) for one in some_learners)]
    if len(some_learners) > 1:
        arms += [Arm(BLEND), Arm(WEIGHTED)]
    for remedy in some_remedies:
        arms += (
            [Arm(remedy, one) for one in some_learners if remedy.suits(one)]
            if remedy.wraps
            else [Arm(remedy)]
        )
    return arms


def _known(names: Sequence[str], known: dict[str, Any], kind: str) -> list[str]:
    by_folded = {_fold(name): name for name in known}
    for name in names:
        if _fold(name) not in by_folded:
            raise UsageError(f"{name!r} is no {kind} of the race; known are {', '.join(sorted(known))}")
    return list(dict.fromkeys(by_folded[_fold(name)] for name in names))


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
