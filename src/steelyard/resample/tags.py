"""The tags that tell scikit-learn's and imbalanced-learn's machinery what a sampler takes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from sklearn.utils import InputTags, Tags

__all__ = ["sampler_tags"]


@dataclass(slots=True)
class SamplerTags:
    """What imbalanced-learn asks of a sampler."""

    sample_indices: bool = True


# scikit-learn ships no types, so its classes are Any to mypy
@dataclass(slots=True)
class SamplerInputTags(InputTags):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's input tags and whether data frames are welcome."""

    dataframe: bool = True


@dataclass(slots=True)
class SamplerEstimatorTags(Tags):  # type: ignore[misc]  # scikit-learn ships no types
    """scikit-learn's tags and those of a sampler."""

    sampler_tags: SamplerTags = field(default_factory=SamplerTags)


def sampler_tags(tags: Tags, *, sparse: bool, text: bool, holes: bool) -> SamplerEstimatorTags:
    """Scikit-learn's tags of an estimator, extended to those of a sampler."""
    known = {entry.name: getattr(tags, entry.name) for entry in fields(tags)}
    known["estimator_type"] = "sampler"
    known["target_tags"].required = True
    inputs = {entry.name: getattr(tags.input_tags, entry.name) for entry in fields(tags.input_tags)}
    inputs |= {"sparse": sparse, "string": text, "allow_nan": holes}
    known["input_tags"] = SamplerInputTags(**inputs)
    return SamplerEstimatorTags(**known)
