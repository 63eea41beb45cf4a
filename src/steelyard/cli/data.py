"""`steelyard data`: the real data sets that come with Python packages."""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.cli.shared import AsJson, show_json

__all__ = ["data"]


def data(
    name: Annotated[str | None, typer.Argument(help="One data set, for its details.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list those that are not installed.")
    ] = False,
    images: Annotated[
        bool, typer.Option("--images", help="List sets of pictures, for `steelyard train NAME`.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the packaged data sets, ready for `steelyard run NAME`, or those of pictures."""
    from dataclasses import asdict

    from steelyard.core import UsageError
    from steelyard.data import datasets

    if images:
        _pictures(everything=everything, as_json=as_json)
        return
    known = datasets()
    if name is not None:
        known = tuple(one for one in known if one.name == name)
        if not known:
            raise UsageError(f"{name!r} is no packaged data set; `steelyard data` lists them")
    elif not everything:
        known = tuple(one for one in known if one.available)
    if as_json:
        show_json([asdict(one) for one in known])
        return
    if name is not None:
        for field, value in asdict(known[0]).items():
            print(f"{field:12} {value}")
        return
    for one in known:
        state = "" if one.available else f"  (needs {one.needs})"
        print(f"{one.name:36} {one.rows:>8,} rows  {one.classes:>2} classes  {one.title}{state}")
    hidden = sum(not one.available for one in datasets())
    if hidden and not everything:
        print(f"{hidden} more need a package or a folder: steelyard data --all")


def _pictures(*, everything: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from steelyard.data import image_sets

    known = [one for one in image_sets() if one.available or everything]
    if as_json:
        show_json([asdict(one) for one in known])
        return
    for one in known:
        state = "" if one.available else f"  (needs {one.needs})"
        shape = f"{one.pictures:>7,} pictures {one.size[1]}×{one.size[0]}"
        print(
            f"{one.name:22} {shape}  {one.classes:>3} classes  1:{one.most / one.fewest:<5.3g} {one.title}{state}"
        )
    print("and torchvision:NAME or hf:OWNER/NAME over the network")
