"""One family of errors, so that `except SteelyardError` catches all that steelyard raises on purpose.

SteelyardError
├── DataError          the data cannot be used as given
│   ├── TooFewSamples  a class, fold or group has too few rows
│   ├── TargetError    labels do not fit what was learned or asked
│   └── LeakError      something would have seen rows it must not see
├── UsageError         the options contradict each other or are out of range
├── MissingExtra       an optional library is not installed
├── NotForMe           a part declines politely, with the reason
└── ClaimFailed        a published claim does not hold here

Every message is one sentence: what came, what was expected, what to do.
"""

from __future__ import annotations

__all__ = [
    "ClaimFailed",
    "DataError",
    "LeakError",
    "MissingExtra",
    "NotForMe",
    "SteelyardError",
    "TargetError",
    "TooFewSamples",
    "UsageError",
]


class SteelyardError(Exception):
    """The root of all errors steelyard raises on purpose."""


class DataError(SteelyardError, ValueError):
    """The data cannot be used as given."""


class TooFewSamples(DataError):  # noqa: N818 - reads as the fact it states
    """A class, fold or group has too few rows for what was asked."""


class TargetError(DataError):
    """Labels or scores do not fit the classes that were learned or asked for."""


class LeakError(DataError):
    """Something would learn from rows it must never see, or be judged on rows it made."""


class UsageError(SteelyardError, ValueError):
    """Options contradict each other or are out of range."""


class MissingExtra(SteelyardError, ImportError):  # noqa: N818 - reads as the fact it states
    """An optional library is not installed.

    >>> str(MissingExtra.of("xgboost", extra="boost"))
    "xgboost is not installed; run: pip install 'steelyard[boost]'"
    """

    @classmethod
    def of(cls, library: str, *, extra: str) -> MissingExtra:
        """Name the library and the pip line that brings it."""
        return cls(f"{library} is not installed; run: pip install 'steelyard[{extra}]'")


class NotForMe(SteelyardError):  # noqa: N818 - reads as the fact it states
    """A part declines data it was not made for; engines show the reason and go on."""


class ClaimFailed(SteelyardError):  # noqa: N818 - reads as the fact it states
    """A published claim was judged and does not hold here."""
