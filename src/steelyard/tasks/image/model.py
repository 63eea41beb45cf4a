"""A finished network with all that turns its answers into decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from steelyard.core import DataError, Floats, atomic_path, require
from steelyard.data import ImageSet
from steelyard.decide import PriorCorrection, TemperatureScaling, rule_from_json
from steelyard.tasks.image.batches import Scaling
from steelyard.tasks.image.network import NetworkSpec, make_network
from steelyard.tasks.image.training import softmax_of

__all__ = ["ImageModel", "undone"]

WEIGHTS = "model.safetensors"


class ImageModel:
    r"""Network, prior correction, calibration and decision rule in one object.

    When to use it: it is what training on pictures delivers, and what `ImageModel.load` reads back.

    For pixels x, softmax answers p(x) at the trained prior :math:`\pi_t` and the natural prior :math:`\pi`, the
    probabilities are :math:`c(p\,\pi/\pi_t)` with c the calibration.

    Attributes:
        labels: the classes.
        size: pixels of a side.
        prior: class shares of the training pictures; `trained` those the network's answers stand at, `natural` those
            where decisions are made.
        spec, scaling: the network and how bytes become its input.
        network: the module itself, in evaluation mode.
    """

    def __init__(
        self,
        network: nn.Module,
        spec: NetworkSpec,
        scaling: Scaling,
        *,
        labels: tuple[str, ...],
        size: int,
        prior: Floats,
        trained: Floats,
        natural: Floats,
        calibration: TemperatureScaling,
        rule: dict[str, Any],
    ) -> None:
        self.network, self.spec, self.scaling = network.cpu().eval(), spec, scaling
        self.labels, self.size = labels, size
        self.prior, self.trained, self.natural = prior, trained, natural
        self.calibration, self.rule = calibration, rule

    def raw_proba(self, images: ImageSet, *, heard: Callable[[int], None] | None = None) -> Floats:
        """The network's own probabilities (n, K)."""
        if images.pixels.shape[1:] != (self.size, self.size, self.spec.channels):
            raise DataError(
                f"pictures of shape {images.pixels.shape[1:]} came, the model reads "
                f"{(self.size, self.size, self.spec.channels)}; use read_new_images"
            )
        return softmax_of(self.network, images, np.arange(len(images)), self.scaling, heard=heard)

    def undone(self, raw: Floats) -> Floats:
        """Probabilities of the network moved from the prior it was trained on to the natural one."""
        return undone(raw, self.trained, self.natural)

    def predict_proba(self, images: ImageSet, *, heard: Callable[[int], None] | None = None) -> Floats:
        """Calibrated probabilities (n, K), columns in the order of `labels`."""
        return self.calibration(self.undone(self.raw_proba(images, heard=heard)))

    def decide(self, p: Floats) -> NDArray[np.int64]:
        """Class positions from calibrated probabilities."""
        return rule_from_json(self.rule).for_rows(len(p)).decide(p)

    def predict(self, images: ImageSet) -> NDArray[Any]:
        """Class names."""
        return np.asarray(self.labels)[self.decide(self.predict_proba(images))]

    def to_json(self) -> dict[str, Any]:
        """All but the weights."""
        return {
            "network": self.spec.to_json(),
            "scaling": self.scaling.to_json(),
            "labels": list(self.labels),
            "size": self.size,
            "prior": self.prior.tolist(),
            "trained_prior": self.trained.tolist(),
            "natural_prior": self.natural.tolist(),
            "temperature": self.calibration.temperature_,
            "shift": self.calibration.shift_,
            "rule": self.rule,
        }

    def save(self, folder: Path) -> None:
        """Write the weights; `to_json` belongs into model.json."""
        safe = require("safetensors.torch", extra="torch")
        state = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        with atomic_path(folder / WEIGHTS) as temporary:
            temporary.write_bytes(safe.save(state))  # `save_file` would let nobody else read it

    @classmethod
    def load(cls, folder: Path, stored: dict[str, Any]) -> ImageModel:
        """Read back what `save` and `to_json` wrote.

        Raises:
            DataError: weights that are missing, damaged, or of another network.
        """
        safe = require("safetensors.torch", extra="torch")
        try:
            spec = NetworkSpec(**stored["network"])
            network = make_network(spec)
            network.load_state_dict(safe.load_file(str(folder / WEIGHTS)))
            prior, trained, natural = (
                np.asarray(stored[name], dtype=float) for name in ("prior", "trained_prior", "natural_prior")
            )
            return cls(
                network,
                spec,
                Scaling.from_json(stored["scaling"]),
                labels=tuple(stored["labels"]),
                size=int(stored["size"]),
                prior=prior,
                trained=trained,
                natural=natural,
                calibration=TemperatureScaling(prior).set(stored["temperature"], stored["shift"]),
                rule=stored["rule"],
            )
        except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(
                f"{str(folder)!r} holds no model of steelyard ({said}); train it again"
            ) from error
        except Exception as error:
            if type(error).__module__.startswith("safetensors"):
                raise DataError(f"{str(folder / WEIGHTS)!r} is damaged ({error}); train it again") from error
            raise


def undone(raw: Floats, trained: Floats, natural: Floats) -> Floats:
    """Probabilities moved from one prior to another; as they are where both agree."""
    return raw if np.allclose(trained, natural) else PriorCorrection(trained, natural)(raw)
