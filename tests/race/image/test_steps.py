"""The steps of training on pictures one by one, against values worked out by hand or by another way."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("torch")

from race.image.pictures import stripes
from steelyard.core import Prior, TooFewSamples, UsageError
from steelyard.data import ImageSet
from steelyard.decide import ArgMax, Goal, Threshold
from steelyard.metrics import balanced_accuracy
from steelyard.race.image import ImageOptions, Schedule, set_schedule, usual_epochs
from steelyard.race.image.candidates import (
    Candidate,
    Ground,
    candidates_of,
    finishing,
    rule_of,
)
from steelyard.race.image.examine import prepare_images
from steelyard.race.image.standings import choose_candidate, gap_of
from steelyard.tasks.image import NOTHING, Read, chosen_arms, undone


def read(images: ImageSet, **named) -> Read:
    return Read(images, "here", "its own classes", **named)


def kinds(prepared) -> list[str]:
    return [finding.kind for finding in prepared.findings]


# --- examining


def test_copies_contradictions_and_damage_become_findings() -> None:
    images = stripes()
    pixels = images.pixels.copy()
    first, second = np.flatnonzero(images.y == 0)[:2]
    other = np.flatnonzero(images.y == 1)[0]
    pixels[second] = pixels[other] = pixels[first]
    images = ImageSet.of(
        pixels, images.y, labels=images.labels, files=[f"{i}.png" for i in range(len(images))]
    )
    sizes = {(8, 8): 100, (16, 9): 15}
    prepared = prepare_images(
        read(
            images, broken={"x.png": "it is no picture"}, sizes=Counter(sizes), notes=("2 files were left",)
        ),
        ImageOptions(),
    )
    assert kinds(prepared) == [
        "unreadable",
        "left_out",
        "sizes",
        "duplicates",
        "contradictions",
        "few_pictures",
    ]
    texts = {finding.kind: finding.message for finding in prepared.findings}
    assert "x.png: it is no picture" in texts["unreadable"]
    assert texts["sizes"].startswith("2 sizes from 8 × 8 to 16 × 9 pixels, most often 8 × 8 (100 pictures)")
    assert texts["duplicates"].startswith("2 of 115 pictures")
    assert f"{other}.png (columns)" in texts["contradictions"]
    assert (
        f"{first}.png (rows)" in texts["contradictions"] or f"{second}.png (rows)" in texts["contradictions"]
    )
    parts = prepared.parts
    homes = [
        name for name in ("train", "validation", "test") if {first, second, other} & set(getattr(parts, name))
    ]
    assert len(homes) == 1


def test_nothing_to_say_about_clean_pictures() -> None:
    assert kinds(prepare_images(read(stripes((60, 40, 40))), ImageOptions())) == []


def test_rare_classes_are_refused_or_left_out() -> None:
    images = stripes((60, 40, 2))
    with pytest.raises(TooFewSamples, match=r"'plain' \(2\): .* --drop-rare"):
        prepare_images(read(images), ImageOptions())
    prepared = prepare_images(read(images), ImageOptions(drop_rare=True))
    assert prepared.images.labels == ("rows", "columns")  # of two the rarest comes last
    assert kinds(prepared)[0] == "rare_classes"
    three = stripes((60, 2, 2))
    with pytest.raises(TooFewSamples, match="1 of 3 classes have 3 different pictures"):
        prepare_images(read(three), ImageOptions(drop_rare=True))


def test_copies_of_one_picture_do_not_make_a_class_large() -> None:
    images = stripes((60, 40, 6))
    pixels = images.pixels.copy()
    pixels[images.y == 2] = pixels[np.flatnonzero(images.y == 2)[0]]
    with pytest.raises(TooFewSamples, match=r"'plain' \(1\)"):
        prepare_images(read(ImageSet.of(pixels, images.y, labels=images.labels)), ImageOptions())


def test_of_two_classes_the_positive_one_comes_last() -> None:
    images = stripes((40, 60))
    prepared = prepare_images(read(images), ImageOptions())
    assert prepared.images.labels == ("columns", "rows")
    assert prepared.images.prior.counts.tolist() == [60, 40]
    assert prepare_images(read(images), ImageOptions(), positive="columns").images.labels == (
        "rows",
        "columns",
    )
    with pytest.raises(UsageError, match="positive is 'plain'"):
        prepare_images(read(images), ImageOptions(), positive="plain")
    with pytest.raises(TooFewSamples, match="all pictures are of class 'rows'"):
        prepare_images(read(ImageSet.of(images.pixels, ["rows"] * 100)), ImageOptions())


def test_only_training_is_cut_and_the_natural_shares_are_those_of_validation() -> None:
    images = stripes((100, 100, 100))
    drawn = prepare_images(read(images), ImageOptions())
    assert drawn.natural == pytest.approx(drawn.prior.p)
    cut = prepare_images(read(images), ImageOptions(imbalance="exp:16"))
    assert cut.prior.counts.tolist() == [64, 16, 4]
    assert cut.natural == pytest.approx(np.full(3, 1 / 3))
    assert cut.parts.test.tolist() == drawn.parts.test.tolist()
    with pytest.raises(TooFewSamples, match="without training pictures"):
        prepare_images(read(images), ImageOptions(imbalance="exp:5000"))


# --- how long


@pytest.mark.parametrize(("n", "epochs"), [(10, 200), (640, 200), (6400, 20), (3200, 40), (10**6, 20)])
def test_usual_epochs(n: int, epochs: int) -> None:
    assert usual_epochs(n, 64) == epochs


def test_the_budget_sets_epochs_and_seeds_once(tmp_path) -> None:
    plan = SimpleNamespace(train=range(3200), validation=range(960))
    arms = chosen_arms(None)  # three and a third trainings
    options = ImageOptions(budget=1.0)

    def planned(left: float, folder: str, **changes) -> Schedule:
        (tmp_path / folder).mkdir()
        chosen = ImageOptions(**({"budget": 1.0} | changes))
        return set_schedule(chosen, plan, arms, left=left, pace=0.01, work=tmp_path / folder)

    an_epoch = 0.01 * (50 + 5) * (3 + 1 / 3)
    found = planned(100, "a")
    assert (found.epochs, found.seeds) == (40, 1)
    assert not found.note
    short = planned(50, "b")
    assert (short.epochs, short.seeds) == (int(0.85 * 50 / an_epoch), 1)
    assert short.note == f"the budget leaves {short.epochs} epochs, 40 are usual"
    assert planned(1e6, "c").seeds == 3
    assert planned(1.0, "d").epochs == 3
    assert planned(100, "e", seeds=2).epochs == int(0.85 * 100 / (2 * an_epoch))
    # a resumed run goes on with what was planned
    assert set_schedule(options, plan, arms, left=1.0, pace=9.0, work=tmp_path / "a") == found
    (tmp_path / "f").mkdir()
    given = set_schedule(ImageOptions(epochs=7, seeds=2), plan, arms, left=1, pace=0, work=tmp_path / "f")
    assert (given.epochs, given.seeds) == (7, 2)


# --- deciding


def ground(y, natural=(0.7, 0.2, 0.1), metric="balanced_accuracy", groups=None, prior=None) -> Ground:
    y = np.asarray(y)
    k = len(natural)
    counts = Prior.of(np.repeat(np.arange(k), [70, 20, 10][:k])) if prior is None else prior
    return Ground(
        y=y,
        groups=np.arange(len(y)) if groups is None else np.asarray(groups),
        prior=counts,
        natural=np.asarray(natural),
        goal=Goal.of(metric, n_classes=k),
        seed=0,
    )


def answers(n: int = 300, seed: int = 0):
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=[0.7, 0.2, 0.1])
    z = rng.normal(size=(n, 3)) + 1.5 * np.eye(3)[y] + np.log([0.7, 0.2, 0.1])
    p = np.exp(z)
    return y, p / p.sum(1, keepdims=True)


def attempt(arm, p, seed=0):
    return SimpleNamespace(arm=arm, seed=seed, p=p, seconds=1.0)


def test_ways_to_decide() -> None:
    y, p = answers()
    plain, adjusted, tuned = candidates_of([attempt(NOTHING, p)], ground(y))
    assert plain.decisions[0].tolist() == p.argmax(1).tolist()
    assert adjusted.decisions[0].tolist() == (p / [0.7, 0.2, 0.1]).argmax(1).tolist()
    assert (adjusted.label, tuned.label) == ("logit adjustment", "doing nothing, tuned")
    assert plain.p[0] == pytest.approx(p)
    assert [one.rank for one in (plain, adjusted, tuned)] == [0, 0.5, 0.75]
    balanced = chosen_arms(["balanced-softmax"])[1]
    flat, _ = candidates_of([attempt(balanced, p)], ground(y))
    assert flat.decisions[0].tolist() == p.argmax(1).tolist()
    assert flat.p[0] == pytest.approx(undone(p, np.full(3, 1 / 3), np.array([0.7, 0.2, 0.1])))
    assert len(candidates_of([attempt(NOTHING, p)], ground(y, metric="accuracy"))) == 2


def test_what_is_tuned_is_tuned_on_other_folds() -> None:
    """Labels of a fold do not reach the decisions on it."""
    y, p = answers()
    here = ground(y)
    fold = here.folds == 2
    before = candidates_of([attempt(NOTHING, p)], here)[-1]
    turned = np.where(fold, (y + 1) % 3, y)
    _Fixed.kept = here.folds
    same_folds = _Fixed(turned, here.groups, here.prior, here.natural, here.goal, here.seed)
    after = candidates_of([attempt(NOTHING, p)], same_folds)[-1]
    assert np.array_equal(before.p[0][fold], after.p[0][fold])
    assert not np.array_equal(before.p[0][~fold], after.p[0][~fold])


class _Fixed(Ground):
    kept: np.ndarray

    @property
    def folds(self) -> np.ndarray:
        return self.kept


def test_folds_keep_groups_together_and_spread_classes() -> None:
    y = np.repeat([0, 1, 2], [60, 30, 10])
    groups = np.repeat(np.arange(50), 2)
    folds = ground(y, groups=groups).folds
    assert (folds[::2] == folds[1::2]).all()
    assert [np.unique(folds[y == k]).size for k in range(3)] == [5, 5, 5]


@pytest.mark.parametrize("metric", ["balanced_accuracy", "accuracy", "log_loss"])
@pytest.mark.parametrize("name", ["nothing", "balanced-softmax", "deferred-weights"])
def test_the_delivered_rule_decides_as_the_candidate_did(metric: str, name: str) -> None:
    y, p = answers(400, seed=3)
    here = ground(y, natural=(0.4, 0.35, 0.25), metric=metric)
    arm = next(one for one in chosen_arms(["balanced-softmax", "deferred-weights"]) if one.name == name)
    trained = arm.trained(here.prior)
    raw = undone(p, here.prior.p, trained)
    calibration, tuned = finishing(undone(raw, trained, here.natural), y, here)
    finished = calibration(undone(raw, trained, here.natural))
    for one in candidates_of([attempt(arm, raw)], here):
        if one.variant != "tuned":
            rule = rule_of(one.variant, arm, calibration, tuned, here)
            assert rule.decide(finished).tolist() == one.decisions[0].tolist(), one.variant


def test_the_delivered_rule_of_two_classes_is_a_threshold() -> None:
    y, p = answers(400, seed=3)
    y, p = (y > 0).astype(int), np.column_stack([p[:, 0], 1 - p[:, 0]])
    here = ground(y, natural=(0.6, 0.4), prior=Prior.of([0] * 9 + [1]))
    calibration, tuned = finishing(p, y, here)
    assert isinstance(tuned, Threshold)
    assert tuned.value == pytest.approx(0.4)
    for variant, expected in (("plain", p.argmax(1)), ("adjusted", (p / [0.9, 0.1]).argmax(1))):
        rule = rule_of(variant, NOTHING, calibration, tuned, here)
        finished = calibration(undone(p, here.prior.p, here.natural))
        assert rule.decide(finished).tolist() == expected.tolist()
    same = ground(y, natural=(0.9, 0.1), prior=Prior.of([0] * 9 + [1]), metric="log_loss")
    assert isinstance(finishing(p, y, same)[1], ArgMax)


# --- choosing


def test_an_interval_holds_the_luck_of_pictures_and_of_training() -> None:
    resampled = np.random.default_rng(0).normal(0.3, 0.02, 4000)
    alone = gap_of(np.array([0.3]), resampled, n=1000)
    assert alone.se == pytest.approx(resampled.std())
    assert (alone.low, alone.high) == pytest.approx(
        (0.3 - 1.962 * alone.se, 0.3 + 1.962 * alone.se), rel=1e-3
    )
    seeds = np.array([0.2, 0.3, 0.4])
    both = gap_of(seeds, resampled, n=1000)
    rows, luck = resampled.var(), 0.01 / 3
    assert both.se == pytest.approx(np.sqrt(rows + luck))
    freedom = (rows + luck) ** 2 / (rows**2 / 999 + luck**2 / 2)
    assert both.high - both.mean == pytest.approx(stats.t.ppf(0.975, freedom) * both.se)
    assert gap_of(np.array([0.99]), resampled, n=10, bounds=(0, 1)).high == 1
    assert gap_of(np.zeros(2), np.zeros(9), n=5).p_positive == 0.5


def candidate(arm, decisions, variant="plain") -> Candidate:
    p = [np.eye(3)[d] for d in decisions]
    return Candidate(arm, variant, p, [np.asarray(d) for d in decisions], 1.0)


def test_the_choice_meddles_no_more_than_needed() -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(3, size=600, p=[0.7, 0.2, 0.1])
    arms = chosen_arms(["retrained-head", "balanced-softmax"])

    def right(share: float, seed: int) -> np.ndarray:
        known = np.random.default_rng(seed).random(len(y)) < share
        return np.where(known, y, (y + 1) % 3)

    nothing, equal, better = right(0.6, 1), right(0.601, 1), right(0.9, 1)
    here = ground(y)
    alike = choose_candidate([candidate(arms[0], [nothing]), candidate(arms[1], [equal])], here)
    assert alike.chosen is alike.reference
    choice = choose_candidate(
        [candidate(arms[0], [nothing]), candidate(arms[1], [equal]), candidate(arms[2], [better])], here
    )
    assert choice.chosen.candidate.arm.name == "balanced-softmax"
    assert choice.reference.candidate.arm is arms[0]
    value = balanced_accuracy(y, better) - balanced_accuracy(y, nothing)
    assert choice.chosen.difference.mean == pytest.approx(value)
    assert choice.chosen.difference.low > 0.2
    assert choice.reference.difference.low == choice.reference.difference.high == 0
    assert choice.standings[0].candidate.arm.name == "balanced-softmax"


def test_of_losses_less_is_better() -> None:
    y = np.tile([0, 1, 2], 40)
    here = ground(y, metric="log_loss")
    sure, unsure = np.eye(3)[y] * 0.9 + 0.1 / 3, np.eye(3)[y] * 0.3 + 0.7 / 3
    arms = chosen_arms(["balanced-softmax"])
    choice = choose_candidate(
        [Candidate(arm, "plain", [p], [y], 1.0) for arm, p in zip(arms, (unsure, sure), strict=True)], here
    )
    assert choice.chosen.candidate.arm is arms[1]
    assert choice.chosen.difference.mean > 0.5


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"metric": "acuracy"}, "acuracy"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 3, "budget": 1.0}, "a budget and epochs"),
        ({"budget": -1.0}, "budget is -1"),
        ({"lr": 0.0}, "lr is 0"),
        ({"pretrained": True}, "no published weights"),
        ({"imbalance": "exp"}, "such as exponential:100"),
        ({"test_size": 0.0}, "test size is 0"),
        ({"seeds": 0}, "seeds is 0"),
        ({"batch_size": 1}, "batch size is 1"),
    ],
)
def test_options_out_of_range(options, match) -> None:
    with pytest.raises(UsageError, match=match):
        ImageOptions(**options)
