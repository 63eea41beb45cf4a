"""What SMOTEENN and SMOTETomek share: over-sample, then clean."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.base import clone

from steelyard.core import UsageError
from steelyard.resample.base import BaseSampler
from steelyard.resample.containers import apply_plan
from steelyard.resample.plan import Ints, Plan
from steelyard.resample.smote import SMOTE
from steelyard.resample.strategy import Kind, Strategy

__all__ = ["SmoteThenCleaner"]


class SmoteThenCleaner(BaseSampler):
    """Over-sample with SMOTE, then let a cleaner choose among real and made rows."""

    _sampling_type: ClassVar[Kind] = "over-sampling"
    sampling_strategy: Strategy
    random_state: Any
    smote: Any

    def _check_options(self) -> None:
        for name, part in (("smote", self.smote), (self._cleaner_name(), self._given_cleaner())):
            if part is not None and not hasattr(part, "fit_resample"):
                raise UsageError(f"{name}={part!r} was given, expected a sampler with fit_resample or None")

    def _plan(self, X: Any, y: Ints) -> Plan:
        self.smote_ = self._smote()
        grown = self._grow(X, y)
        rows, codes = apply_plan(grown, X), grown.codes(y)
        cleaner = self._cleaner()
        cleaner.fit_resample(rows, codes)
        return grown.chosen(cleaner.sample_indices_)

    def _grow(self, X: Any, y: Ints) -> Plan:
        """SMOTE's plan in class positions."""
        self.smote_.fit_resample(X, y)
        plan: Plan = self.smote_._last
        for sentence in self.smote_.notices_:
            self._notice(sentence)
        return plan

    def _smote(self) -> Any:
        if self.smote is not None:
            return clone(self.smote)
        # the labels are class positions here, so the targets are given by position
        wanted = dict(self._wanted)
        return SMOTE(
            sampling_strategy=lambda y: {code: int((y == code).sum()) + n for code, n in wanted.items()},
            random_state=self.random_state,
        )

    def _cleaner(self) -> Any:
        raise NotImplementedError

    def _cleaner_name(self) -> str:
        raise NotImplementedError

    def _given_cleaner(self) -> Any:
        raise NotImplementedError
