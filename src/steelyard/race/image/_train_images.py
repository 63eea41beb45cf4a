"""`train_images`: from pictures to an answer. The steps stand here in order; each is a file of its own."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from steelyard.core import Event, Listener, LiveDisplay, Log, derive
from steelyard.data import ImageSet
from steelyard.decide import Goal
from steelyard.race.clock import Clock
from steelyard.race.folder import RunFolder
from steelyard.race.image.candidates import Ground, candidates_of
from steelyard.race.image.competition import compete
from steelyard.race.image.deliver import deliver_image
from steelyard.race.image.examine import Prepared, prepare_images
from steelyard.race.image.judge import judge_images, look_inside
from steelyard.race.image.options import ImageOptions
from steelyard.race.image.result import ImageRun
from steelyard.race.image.schedule import set_schedule
from steelyard.race.image.standings import choose_candidate
from steelyard.race.image.write import Finished, write_image_run
from steelyard.tasks.image import (
    NetworkSpec,
    Plan,
    Read,
    Scaling,
    chosen_arms,
    read_images,
    seconds_a_step,
)

__all__ = ["train_images"]

DEFAULT_BUDGET = 10.0
PUBLISHED_SIZE = 224
"""Pixels of a side that published networks were trained on."""


def train_images(
    images: str | Path | ImageSet,
    *,
    target: str | None = None,
    path: str | None = None,
    group: str | None = None,
    part: str | None = None,
    positive: str | None = None,
    out: str | Path | None = None,
    fresh: bool = False,
    progress: bool | Listener = True,
    command: str = "",
    **options: Any,
) -> ImageRun:
    """Train a network on pictures with rare classes: doing nothing beside remedies, one chosen, judged once.

    When to use it: you have pictures in classes of very different size and want a model, and to know what, if
    anything, to do about the rare ones.

    Args:
        images: a folder of class folders (below train, validation and test where it has parts), a table with a column
            of paths, a .npz archive, the name of a packaged set, "torchvision:…" or "hf:…", or an `ImageSet`.
        target, path, group, part: columns of a table: classes, paths, what must not straddle a split, and
            train/validation/test.
        positive: of two classes the one of interest; default the rarest.
        out: folder for model, results and report; a stopped run started again with the same `out` goes on.
        fresh: replace what is in `out`.
        progress: show progress, or a function that receives events.
        command: the command line to print in the report.
        **options: see `ImageOptions`. Without `budget` and `epochs` it takes about ten minutes.

    Returns:
        An `ImageRun`: `.best_` (the model), `.results_` (a DataFrame), `.verdict_`, `.report()`.

    Raises:
        DataError: the pictures cannot be used; the sentence says why and what to do.
        UsageError: options contradict each other.

    >>> answer = train_images("digits", imbalance="exponential:20", epochs=1, remedies=["none"], progress=False)
    >>> answer.best_.predict_proba(answer.test).shape  # doctest: +SKIP
    (359, 10)

    Source: Kang et al. (2020), Decoupling Representation and Classifier for Long-Tailed Recognition; Menon et al.
    (2021), Long-Tail Learning via Logit Adjustment; Ren et al. (2020), Balanced Meta-Softmax.
    """
    if options.get("budget") is None and options.get("epochs") is None:
        options["budget"] = DEFAULT_BUDGET
    chosen = ImageOptions(**options)
    arms = chosen_arms(chosen.remedies)
    spec = NetworkSpec(chosen.backbone, 2, 1)  # refuses unknown names before anything is read
    size = chosen.size if chosen.size is not None or spec.own else PUBLISHED_SIZE
    with ExitStack() as stack:
        display = stack.enter_context(LiveDisplay()) if progress is True else progress or None
        log = Log(display)
        beside = Path(out).parent if out is not None else None
        cache = stack.enter_context(
            tempfile.TemporaryDirectory(
                prefix=".steelyard-", dir=beside if beside and beside.is_dir() else None
            )
        )
        read = read_images(
            images,
            target=target,
            path=path,
            group=group,
            part=part,
            size=size,
            cache=Path(cache),
            listener=log,
        )
        prepared = prepare_images(read, chosen, positive=positive)
        run = _Run(read, prepared, chosen, arms, log, command)
        if out is None:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="steelyard-"))
            return run.steps(Path(place), Clock(chosen.budget))
        return run.into(RunFolder(out), fresh=fresh)


class _Run:
    """One training job: what it works on, and its steps."""

    def __init__(
        self, read: Read, prepared: Prepared, options: ImageOptions, arms: Any, log: Log, command: str
    ) -> None:
        self.read, self.prepared, self.options = read, prepared, options
        self.arms, self.log, self.command = arms, log, command

    def into(self, folder: RunFolder, *, fresh: bool) -> ImageRun:
        """Work in the folder's working place; rename it at the end."""
        plan = {
            "digest": self.prepared.digest,
            "options": self.options.deciding() | {"remedies": [arm.name for arm in self.arms]},
            "labels": list(self.prepared.images.labels),
        }
        if not fresh and folder.finished(plan):
            self.log.note("Done", f"{folder.out} already holds this run")
            return ImageRun.load(folder.out)
        clock = Clock(self.options.budget, used=folder.open(plan, fresh=fresh))
        listener = self.log.listener

        def keep_time(event: Event) -> None:
            folder.note_time(clock.used)
            if listener is not None:
                listener(event)

        self.log.listener = keep_time
        try:
            answer = self.steps(folder.partial, clock)
        except BaseException:
            folder.abandon()
            raise
        folder.complete()
        answer.folder = folder.out
        return answer

    def steps(self, work: Path, clock: Clock) -> ImageRun:
        """Train, choose, judge, write."""
        prepared, options, log = self.prepared, self.options, self.log
        for note in self.read.notes:
            log.note("Reading", note)
        plan = self._plan()
        pace = 0.0 if options.epochs is not None else seconds_a_step(plan)
        schedule = set_schedule(options, plan, self.arms, left=clock.left(), pace=pace, work=work)
        plan = self._plan(schedule.epochs)
        log.note("Training", f"{schedule.epochs} epochs, {schedule.seeds} seeds, {prepared.parts.how}")
        competition = compete(self.arms, plan, schedule, seed=options.seed, work=work, clock=clock, log=log)
        log(Event("Choosing", note="plainly and with the prior corrected"))
        validation = prepared.parts.validation
        ground = Ground(
            y=prepared.images.y[validation],
            groups=prepared.together[validation],
            prior=prepared.prior,
            natural=prepared.natural,
            goal=Goal.of(options.metric, n_classes=len(prepared.images.labels)),
            seed=derive(options.seed, "choice"),
        )
        candidates = [
            one
            for arm in self.arms
            if competition.of(arm)
            for one in candidates_of(competition.of(arm), ground)
        ]
        choice = choose_candidate(candidates, ground)
        delivery = deliver_image(
            choice.chosen.candidate, choice.reference.candidate, competition, plan, ground
        )
        log(Event("Judging", note="the final test pictures"))
        done = Finished(
            read=self.read,
            prepared=prepared,
            options=options,
            plan=plan,
            schedule=schedule,
            competition=competition,
            ground=ground,
            choice=choice,
            delivery=delivery,
            judged=judge_images(delivery, prepared, ground.goal, seed=options.seed, listener=log),
            inside=look_inside(delivery.model, prepared, seed=options.seed),
        )
        return write_image_run(done, clock=clock, log=log, work=work, command=self.command)

    def _plan(self, epochs: int = 1) -> Plan:
        images, options = self.prepared.images, self.options
        spec = NetworkSpec(options.backbone, len(images.labels), images.pixels.shape[3])
        train = self.prepared.parts.train
        return Plan(
            images=images,
            train=train,
            validation=self.prepared.parts.validation,
            spec=spec,
            scaling=Scaling.of(images, train, repeat=spec.repeat),
            prior=self.prepared.prior,
            epochs=epochs,
            batch_size=options.batch_size,
            lr=options.lr,
            augment=options.augment,
            pretrained=options.pretrained,
            device=options.device,
        )
