"""`steelyard train IMAGES`: from pictures to an answer."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from steelyard.cli.shared import OUT, AsJson, Fresh, Quiet, Seed, show_json

__all__ = ["train"]

DATA, TRAIN = "The pictures", "The training"


def train(
    images: Annotated[
        str,
        typer.Argument(
            help="Folder of class folders, table with a column of paths, .npz archive, or the name of a packaged set "
            "(`steelyard data --images`), torchvision:NAME or hf:OWNER/NAME."
        ),
    ],
    target: Annotated[
        str | None, typer.Option(help="Column of classes, for tables.", rich_help_panel=DATA)
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            help="Column of paths, for tables; default: the one that looks so.", rich_help_panel=DATA
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(
            help="Column of what must not straddle a split, such as the patient, for tables.",
            rich_help_panel=DATA,
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(help="Column that says train, validation or test, for tables.", rich_help_panel=DATA),
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(help="Of two classes the one of interest; default: the rarest.", rich_help_panel=DATA),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(
            help="Pixels of a side; default: the pictures' own up to 64, else 64 (224 for published networks).",
            rich_help_panel=DATA,
        ),
    ] = None,
    drop_rare: Annotated[
        bool,
        typer.Option(
            "--drop-rare",
            help="Leave out classes with fewer than 3 different pictures.",
            rich_help_panel=DATA,
        ),
    ] = False,
    imbalance: Annotated[
        str | None,
        typer.Option(
            help="Cut the training pictures to a profile: exponential:100, step:50, linear:10, reverse-….",
            rich_help_panel=DATA,
        ),
    ] = None,
    test_size: Annotated[
        float, typer.Option(help="Share kept for the final judgement.", rich_help_panel=DATA)
    ] = 0.2,
    metric: Annotated[
        str,
        typer.Option(
            help="What to reach: balanced_accuracy, accuracy, f1, log_loss, ….", rich_help_panel=TRAIN
        ),
    ] = "balanced_accuracy",
    backbone: Annotated[
        str,
        typer.Option(help="small, resnet32, timm:NAME or torchvision:NAME.", rich_help_panel=TRAIN),
    ] = "small",
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Start from published weights.", rich_help_panel=TRAIN)
    ] = False,
    augment: Annotated[
        str,
        typer.Option(help="none, crop (shifts), or flip (shifts and mirror images).", rich_help_panel=TRAIN),
    ] = "crop",
    remedy: Annotated[
        list[str] | None,
        typer.Option(
            help="Remedy to train beside doing nothing (repeatable): retrained-head, balanced-softmax, "
            "deferred-weights, LDAM-DRW, or a loss such as FocalLoss; 'none' for none.",
            rich_help_panel=TRAIN,
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Minutes of wall clock; 10 if neither this nor --epochs.", rich_help_panel=TRAIN),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Epochs instead of minutes: any machine, same answer.", rich_help_panel=TRAIN),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="Trainings of each arm; default: 1, or up to 3 within the budget.", rich_help_panel=TRAIN
        ),
    ] = None,
    batch_size: Annotated[int, typer.Option(help="Pictures a step.", rich_help_panel=TRAIN)] = 64,
    lr: Annotated[float, typer.Option(help="Highest learning rate.", rich_help_panel=TRAIN)] = 0.05,
    seed: Seed = 0,
    device: Annotated[
        str | None,
        typer.Option(help="cpu, cuda, mps, …; default: an accelerator if there is one.", rich_help_panel=OUT),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the run; default NAME-run.", rich_help_panel=OUT),
    ] = None,
    fresh: Fresh = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train a network on IMAGES with rare classes: remedies beside doing nothing, one chosen, judged once.

    Leaves a calibrated model and a report with results of common and rare classes, confusions and the worst mistakes.
    A training that was stopped, even by kill -9, goes on when the same command is given again.

    \b
    Examples:
      steelyard train digits --imbalance exponential:50 --budget 2
      steelyard train animals/ --backbone resnet32 --augment flip --budget 30 -o animals-run
      steelyard train lesions.csv --target diagnosis --group patient --size 96 --epochs 40 --seeds 3
    """  # noqa: D301 - \b keeps the lines below it apart
    from steelyard.race.image import train_images

    name = Path(images).name.split(".")[0].replace(":", "-") or "pictures"
    place = out or Path(f"{name}-run")
    answer = train_images(
        images,
        target=target,
        path=path,
        group=group,
        part=part,
        positive=positive,
        out=place,
        fresh=fresh,
        progress=not (quiet or as_json),
        command=shlex.join(["steelyard", *sys.argv[1:]]),
        metric=metric,
        backbone=backbone,
        pretrained=pretrained,
        size=size,
        augment=augment,
        remedies=tuple(remedy) if remedy else None,
        epochs=epochs,
        seeds=seeds,
        budget=budget,
        imbalance=imbalance,
        drop_rare=drop_rare,
        test_size=test_size,
        batch_size=batch_size,
        lr=lr,
        seed=seed,
        device=device,
    )
    files = {
        name: str(place / name)
        for name in ("report.html", "model.safetensors", "model.json", "results.parquet")
    }
    if as_json:
        show_json({**answer.card(), "model": None, "folder": str(place), "files": files})
    else:
        _show(answer, files)


def _show(answer: Any, files: dict[str, str]) -> None:
    from rich.console import Console

    from steelyard.cli.run import race_table

    console = Console(highlight=False)
    rows = [row for row in answer.facts["race"]["rows"] if row.get("score") is not None]
    console.print(race_table(rows, answer.facts["goal"]["label"]))
    for finding in answer.facts["findings"]:
        if finding["level"] != "info":
            console.print(f"! {finding['title']}. {finding['message']}", markup=False)
    for sentence in answer.verdict_:
        console.print(sentence, markup=False)
    console.print()
    for label, name in (("report", "report.html"), ("model", "model.safetensors")):
        console.print(f"{label:7} {files[name]}", markup=False, soft_wrap=True)
