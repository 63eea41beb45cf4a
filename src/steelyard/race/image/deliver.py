"""From the chosen candidate to a finished model."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.decide import Rule
from steelyard.race.image.candidates import PLAIN, Candidate, Ground, finishing, rule_of
from steelyard.race.image.competition import Attempt, Competition
from steelyard.tasks.image import ImageModel, NetworkSpec, Plan, undone

__all__ = ["ImageDelivery", "deliver_image"]


@dataclass(frozen=True, eq=False)
class ImageDelivery:
    """The model, doing nothing as a model, and how both came about."""

    model: ImageModel
    nothing: ImageModel
    rule: Rule
    attempt: Attempt


def deliver_image(
    candidate: Candidate, reference: Candidate, competition: Competition, plan: Plan, ground: Ground
) -> ImageDelivery:
    """The first seed's network of the chosen arm, calibrated on the validation pictures."""
    attempt = competition.of(candidate.arm)[0]
    model, rule = _model(candidate.variant, attempt, plan, ground)
    nothing, _ = _model(PLAIN, competition.of(reference.arm)[0], plan, ground)
    return ImageDelivery(model, nothing, rule, attempt)


def _model(variant: str, attempt: Attempt, plan: Plan, ground: Ground) -> tuple[ImageModel, Rule]:
    trained = attempt.arm.trained(ground.prior)
    calibration, tuned = finishing(undone(attempt.p, trained, ground.natural), ground.y, ground)
    rule = rule_of(variant, attempt.arm, calibration, tuned, ground)
    model = ImageModel(
        attempt.network(plan),
        NetworkSpec(plan.spec.name, plan.spec.n_classes, plan.spec.channels, attempt.arm.head),
        plan.scaling,
        labels=plan.images.labels,
        size=plan.images.pixels.shape[1],
        prior=ground.prior.p,
        trained=trained,
        natural=ground.natural,
        calibration=calibration,
        rule=rule.to_json(),
    )
    return model, rule
