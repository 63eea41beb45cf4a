"""`steelyard resample DATA --target COL --method NAME -o OUT`: resample Parquet data of any size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from steelyard.cli.shared import AsJson, Fresh, Quiet, Seed, show_json
from steelyard.cli.table_options import Weight

__all__ = ["resample"]

Method = Literal["under", "over", "smote", "tomek", "enn"]


def resample(
    data: Annotated[
        Path, typer.Argument(help="A Parquet file, or a folder of them; may be larger than memory.")
    ],
    target: Annotated[str, typer.Option(help="Column with the classes.")],
    method: Annotated[
        Method,
        typer.Option(
            help="under: draw rows of the common classes. over: repeat rows of the rare ones. smote: make rows "
            "between near rows of a rare class. tomek: remove the common end of every Tomek link. enn: remove "
            "rows their neighbours contradict."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The Parquet file to write.")],
    strategy: Annotated[
        str,
        typer.Option(
            help="auto, minority, majority, 'not minority', 'not majority' or all; a ratio rare/common such as 0.1 "
            "(under, over, smote, two classes); or rows by class, 'no=50000,yes=2000'."
        ),
    ] = "auto",
    neighbors: Annotated[
        int | None, typer.Option(help="Neighbours of smote (default 5) and enn (default 3).")
    ] = None,
    by: Annotated[
        Literal["all", "mode"], typer.Option(help="enn: all neighbours must agree, or most of them.")
    ] = "all",
    feature: Annotated[
        list[str] | None,
        typer.Option(help="Column to measure distances in (repeatable); default: all but target and weight."),
    ] = None,
    weight: Weight = None,
    seed: Seed = 0,
    fresh: Fresh = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Resample DATA without reading it into memory; the rows are those the same sampler selects in memory.

    The rare classes are held in memory, the largest class goes by in pieces. Beside the columns of DATA every row
    has an account: `sample_index` (the row it is or was made from, from 0), `origin` (-1 for a made row) and
    `sampling_weight`; a learner weighted by it sees the classes as often as they are in DATA. Resample training
    rows only, and set aside before what is to judge a model; `steelyard run --sample-majority` does both.

    \b
    Examples:
      steelyard resample clicks.parquet --target bought --method under --strategy 0.1 -o some.parquet
      steelyard resample parts/ --target bought --method tomek -o clean.parquet
      steelyard resample clicks.parquet --target bought --method smote --feature price --feature age -o more.parquet
    """  # noqa: D301 - \b keeps the lines below it apart
    from steelyard.resample import resample_out_of_core

    done = resample_out_of_core(
        _sampler(method, _strategy(strategy), neighbors, by, seed),
        data,
        out,
        target=target,
        features=feature,
        weight=weight,
        overwrite=fresh,
        progress=not (quiet or as_json),
    )
    labels = [str(label) for label in done.before.labels]
    before, after = done.before.counts.astype(int).tolist(), done.after.counts.astype(int).tolist()
    if as_json:
        facts = {
            "before": dict(zip(labels, before, strict=True)),
            "after": dict(zip(labels, after, strict=True)),
        }
        show_json({"file": str(done.path), **facts, "notices": list(done.notices)})
        return
    for sentence in done.notices:
        print(sentence)
    width = max(len(label) for label in labels)
    for label, had, has in zip(labels, before, after, strict=True):
        print(f"{label:{width}}  {had:>13,} rows in  {has:>13,} out")
    print(done.path)


def _sampler(method: Method, strategy: Any, neighbors: int | None, by: str, seed: int) -> Any:
    import steelyard.resample as samplers
    from steelyard.core import UsageError

    if neighbors is not None and method not in ("smote", "enn"):
        raise UsageError(
            f"--neighbors {neighbors} came with --method {method}, which looks at none; leave it out"
        )
    if by != "all" and method != "enn":
        raise UsageError(f"--by {by} came with --method {method}; only enn asks neighbours for votes")
    common: dict[str, Any] = {"sampling_strategy": strategy}
    if method == "under":
        return samplers.RandomUnderSampler(random_state=seed, **common)
    if method == "over":
        return samplers.RandomOverSampler(random_state=seed, **common)
    if method == "smote":
        return samplers.SMOTE(random_state=seed, k_neighbors=neighbors or 5, **common)
    if method == "tomek":
        return samplers.TomekLinks(**common)
    return samplers.EditedNearestNeighbours(n_neighbors=neighbors or 3, kind_sel=by, **common)


def _strategy(text: str) -> Any:
    """A word, a ratio, or rows by class; classes that look like numbers are numbers."""
    from steelyard.core import UsageError

    if "=" not in text:
        number = _number(text)
        return text if isinstance(number, str) else float(number)
    wanted = {}
    for part in text.split(","):
        label, _, rows = part.rpartition("=")
        if not label or not rows.strip().isdigit():
            raise UsageError(f"--strategy has the part {part!r}, expected CLASS=ROWS such as no=50000")
        wanted[_number(label.strip())] = int(rows)
    return wanted


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
