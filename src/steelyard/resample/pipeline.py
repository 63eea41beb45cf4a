"""A pipeline whose steps may be samplers, which act on training rows alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline as TransformPipeline
from sklearn.pipeline import make_pipeline as make_transform_pipeline
from sklearn.utils._user_interface import _print_elapsed_time
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_memory, has_fit_parameter

from steelyard.core import UsageError
from steelyard.resample.containers import take
from steelyard.resample.plan import is_sparse

__all__ = ["Pipeline", "make_pipeline"]

WEIGHTS, ROWWISE = "sample_weight", ("sample_weight", "groups")
FITTING = ("fit", "fit_transform", "fit_predict")
ASKING = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score", "transform")


def _ends_with_sampler(self: Pipeline) -> bool:
    return _samples(self.steps[-1][1])


def _can_transform(self: Pipeline) -> bool:
    final = self._final_estimator
    return _passes(final) or hasattr(final, "transform")


def _can_fit_predict(self: Pipeline) -> bool:
    return hasattr(self._final_estimator, "fit_predict") and hasattr(self._final_estimator, "predict")


# scikit-learn ships no types, so its classes are Any to mypy
class _Carrier(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Stands for a sampler where metadata is routed: through each of them weights and groups pass."""

    __metadata_request__fit: ClassVar[dict[str, bool]] = dict.fromkeys(ROWWISE, True)

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> None:
        """Never called."""


class Pipeline(TransformPipeline):  # type: ignore[misc]  # scikit-learn ships no types
    r"""Chain transformers, samplers and a last estimator; samplers act in `fit` and are passed over afterwards.

    When to use it: whenever a sampler is part of a model that is cross-validated, searched or deployed. Rows to be
    predicted are transformed and never resampled, so that no made row can reach an evaluation. It is scikit-learn's
    Pipeline in all else, and needs no imbalanced-learn; samplers of both may stand in it, at any place.

    `sample_weight` and `groups` go to every step whose fit takes them, and follow the rows through each sampler: a
    made row of :math:`n` parents with shares :math:`p_j` weighs :math:`\sum_j p_j w_j`, other arrays take the value
    of the row it was started from. So do arrays of one value a row given as `step__name`. With scikit-learn's
    metadata routing enabled, steps get what they request; samplers request both.

    `fit_transform` gives the rows that came in, transformed: `fit(X, y).transform(X)`. To keep fitting from rows set
    aside for evaluation wrap the whole in `steelyard.data.TrainOnly`.

    Args:
        steps: pairs of a name and a transformer, a sampler, "passthrough" or, last, any estimator.
        memory: a folder or joblib Memory in which fitted transformers and resampled rows are kept.
        verbose: print how long each step took.

    Attributes:
        named_steps: the steps by name; `pipeline["name"]`, `pipeline[-1]` and slices work as well.
        prior_: the class prior the last estimator was fitted on, as stated by the last sampler of ours.
        classes_, n_features_in_, feature_names_in_: those of the last and the first step.

    Raises:
        UsageError: a step that is neither transformer nor sampler, a sampler that cannot say where its rows come
            from although weights or groups are to follow, or weights for a last step that takes none.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from steelyard.resample import RandomUnderSampler
    >>> X, y = np.arange(20.0)[:, None], np.repeat([0, 1], [16, 4])
    >>> pipeline = Pipeline([("under", RandomUnderSampler(random_state=0)), ("model", LogisticRegression())])
    >>> pipeline.fit(X, y, sample_weight=np.ones(20)).prior_.counts.tolist(), len(pipeline.predict(X))
    ([4.0, 4.0], 20)

    Source: scikit-learn's Pipeline; imbalanced-learn's for the idea of samplers in it.
    """

    transform_input = None

    def __init__(self, steps: Any, *, memory: Any = None, verbose: bool = False) -> None:
        self.steps = steps
        self.memory = memory
        self.verbose = verbose

    def fit(
        self, X: Any, y: Any = None, *, sample_weight: Any = None, groups: Any = None, **params: Any
    ) -> Self:
        """Fit all steps, the last one on transformed and resampled rows.

        Args:
            X: rows, whatever the first step takes.
            y: labels (n,); samplers need them.
            sample_weight: weights (n,) for every step that takes them.
            groups: group of each row (n,) for every step that takes them.
            params: `step__name` for single steps, or with metadata routing what the steps request.

        Returns:
            The pipeline.
        """
        given = {**params, WEIGHTS: sample_weight, "groups": groups}
        X, y, given = self._walk(X, y, {name: value for name, value in given.items() if value is not None})
        name, last = self.steps[-1]
        if not _passes(last) and not _samples(last):
            mine = self._meant_for(name, last, given)
            if (
                WEIGHTS in given
                and not get_config()["enable_metadata_routing"]
                and WEIGHTS not in mine["fit"]
            ):
                raise UsageError(
                    f"sample_weight came, but the last step {type(last).__name__} takes none; leave it out or "
                    "end with an estimator whose fit accepts sample_weight"
                )
            with _print_elapsed_time("Pipeline", self._log_message(len(self.steps) - 1)):
                last.fit(X, y, **mine["fit"])
        return self

    @available_if(_can_transform)  # type: ignore[untyped-decorator]  # scikit-learn ships no types
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit, then transform the rows that came in, of which none is added or removed."""
        return self.fit(X, y, **params).transform(X)

    @available_if(_can_fit_predict)  # type: ignore[untyped-decorator]  # scikit-learn ships no types
    def fit_predict(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit, then predict the rows that came in."""
        return self.fit(X, y, **params).predict(X)

    @available_if(_ends_with_sampler)  # type: ignore[untyped-decorator]  # scikit-learn ships no types
    def fit_resample(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """Fit all steps of a pipeline that ends with a sampler and return its rows and labels."""
        given = {name: value for name, value in params.items() if value is not None}
        rows, labels, _ = self._walk(X, y, given)
        return rows, labels

    def get_metadata_routing(self) -> MetadataRouter:
        """Which step gets what, for scikit-learn's metadata routing."""
        router = MetadataRouter(owner=self)
        for number, (name, step) in enumerate(self.steps):
            if _passes(step):
                continue
            mapping = MethodMapping()
            last = number == len(self.steps) - 1
            if _samples(step) or last:
                _map(mapping, FITTING, "fit")
            elif hasattr(step, "fit_transform"):
                _map(mapping, FITTING, "fit_transform")
            else:
                _map(mapping, FITTING, "fit", "transform")
            for method in () if _samples(step) else ASKING:
                mapping.add(caller=method, callee=method if last else "transform")
            router.add(method_mapping=mapping, **{name: _Carrier() if _samples(step) else step})
        return router

    @property
    def _final_estimator(self) -> Any:
        """The last step; a sampler changes nothing once fitting is over."""
        final = super()._final_estimator
        return "passthrough" if _samples(final) else final

    def _iter(self, with_final: bool = True, filter_passthrough: bool = True) -> Iterator[Any]:
        """The steps rows to be predicted go through; scikit-learn's methods walk along it."""
        for number, name, step in super()._iter(with_final, filter_passthrough):
            if not (filter_passthrough and _samples(step)):
                yield number, name, step

    def _validate_steps(self) -> None:
        if not self.steps:
            raise UsageError("the pipeline is empty; add steps")
        self._validate_names([name for name, _ in self.steps])
        for name, step in self.steps[:-1]:
            if not (_passes(step) or _moves(step) ^ _samples(step)):
                raise UsageError(
                    f"step {name!r} is {step!r}, expected a transformer, a sampler (not both at once) or 'passthrough'"
                )
        name, step = self.steps[-1]
        if not (_passes(step) or _samples(step) or (hasattr(step, "fit") and not isinstance(step, type))):
            raise UsageError(f"the last step {name!r} is {step!r}, expected an estimator with fit")

    def _walk(self, X: Any, y: Any, given: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """Fit the steps before the last, and the last if it is a sampler; what they leave of rows and arrays."""
        self.steps = list(self.steps)
        self._validate_steps()
        memory = check_memory(self.memory)
        move, resample = memory.cache(_moved), memory.cache(_resampled)
        for number, (name, step) in enumerate(self.steps):
            if _passes(step) or (number == len(self.steps) - 1 and not _samples(step)):
                continue
            fresh = step if memory.location is None else clone(step)
            mine = self._meant_for(name, step, given)
            with _print_elapsed_time("Pipeline", self._log_message(number)):
                if _samples(step):
                    X, y, given, fitted = resample(fresh, X, y, mine["fit"], given)
                    self._state_prior(fitted)
                else:
                    X, fitted = move(fresh, X, y, mine)
            self.steps[number] = (name, fitted)
        return X, y, given

    def _state_prior(self, sampler: Any) -> None:
        if hasattr(sampler, "prior_"):
            self.prior_ = sampler.prior_

    def _meant_for(self, name: str, step: Any, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The arguments of each method of a step."""
        if get_config()["enable_metadata_routing"]:
            return {
                method: dict(found) for method, found in process_routing(self, "fit", **given)[name].items()
            }
        names = [known for known, _ in self.steps]
        stray = [one for one in given if one not in ROWWISE and one.partition("__")[0] not in names]
        if stray:
            raise UsageError(
                f"fit got {stray[0]!r}, which names no step; write step__name with a step of {names}"
            )
        own = {one.partition("__")[2]: given[one] for one in given if one.startswith(f"{name}__")}
        method = "fit_resample" if _samples(step) else "fit"
        own |= {one: given[one] for one in ROWWISE if one in given and _accepts(step, method, one)}
        return {"fit": own, "fit_transform": own, "transform": {}}


def make_pipeline(*steps: Any, memory: Any = None, verbose: bool = False) -> Pipeline:
    """A pipeline of steps named after their classes.

    Args:
        steps: transformers, samplers and, last, any estimator.
        memory: see `Pipeline`.
        verbose: see `Pipeline`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from steelyard.resample import RandomOverSampler
    >>> [name for name, _ in make_pipeline(RandomOverSampler(), LogisticRegression()).steps]
    ['randomoversampler', 'logisticregression']
    """
    return Pipeline(make_transform_pipeline(*steps).steps, memory=memory, verbose=verbose)


def _passes(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")


def _samples(step: Any) -> bool:
    return hasattr(step, "fit_resample") and not isinstance(step, type)


def _moves(step: Any) -> bool:
    fits = hasattr(step, "fit") or hasattr(step, "fit_transform")
    return fits and hasattr(step, "transform") and not isinstance(step, type)


def _map(mapping: MethodMapping, callers: tuple[str, ...], *callees: str) -> None:
    for caller in callers:
        for callee in callees:
            mapping.add(caller=caller, callee=callee)


def _accepts(step: Any, method: str, name: str) -> bool:
    if method == "fit":
        return bool(has_fit_parameter(step, name))
    from inspect import signature

    return name in signature(getattr(step, method)).parameters


def _moved(step: Any, X: Any, y: Any, mine: Mapping[str, dict[str, Any]]) -> tuple[Any, Any]:
    """The rows out of a transformer, and the fitted transformer."""
    if hasattr(step, "fit_transform"):
        return step.fit_transform(X, y, **mine["fit_transform"]), step
    return step.fit(X, y, **mine["fit"]).transform(X, **mine.get("transform", {})), step


def _resampled(
    step: Any, X: Any, y: Any, mine: dict[str, Any], given: Mapping[str, Any]
) -> tuple[Any, Any, dict[str, Any], Any]:
    """Rows, labels and all arrays out of a sampler, and the fitted sampler."""
    n = _length(X)
    rows, labels = step.fit_resample(X, y, **mine)
    following = {name: value for name, value in given.items() if _length(value) == n}
    if not following:
        return rows, labels, dict(given), step
    picked = getattr(step, "sample_indices_", None)
    if picked is None or len(picked) != _length(labels):
        raise UsageError(
            f"{type(step).__name__} does not say where its rows come from, so {', '.join(following)} cannot follow "
            "them; use the sampler of that name in steelyard.resample"
        )
    parents = getattr(step, "parents_", None)
    moved = {
        name: parents @ np.asarray(value, dtype=np.float64)
        if parents is not None and name.rpartition("__")[2] == WEIGHTS
        else take(value, np.asarray(picked))
        for name, value in following.items()
    }
    return rows, labels, {**given, **moved}, step


def _length(value: Any) -> int:
    if isinstance(value, str | dict):
        return -1
    if is_sparse(value) or hasattr(value, "shape"):
        return int(value.shape[0]) if value.shape else -1
    return len(value) if hasattr(value, "__len__") else -1
