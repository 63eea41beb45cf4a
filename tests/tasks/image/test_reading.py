"""Folders, tables and archives become pictures, and what cannot be read is said."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch")
Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

from steelyard.core import DataError, UsageError  # noqa: E402
from steelyard.data import ImageSet  # noqa: E402
from steelyard.tasks.image import list_files, list_folder, list_table, read_images, read_new_images  # noqa: E402
from steelyard.tasks.image.decoding import look_at, read_picture  # noqa: E402


def paint(path: Path, value: int = 100, size: tuple[int, int] = (8, 8), mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = value if mode in {"L", "I;16"} else (value,) * len(mode)
    Image.new(mode, size, colour).save(path)
    return path


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    for k in range(3):
        paint(tmp_path / "animals" / "cat" / f"{k}.png", 10 * k)
    paint(tmp_path / "animals" / "dog" / "near" / "0.PNG", 200)
    (tmp_path / "animals" / "cat" / "notes.txt").write_text("x")
    (tmp_path / "animals" / "bird").mkdir()
    paint(tmp_path / "animals" / ".trash" / "9.png")
    return tmp_path / "animals"


def test_a_folder_of_class_folders(animals: Path) -> None:
    found = list_folder(animals)
    assert found.names == ("cat/0.png", "cat/1.png", "cat/2.png", "dog/near/0.PNG")
    assert found.target == ("cat", "cat", "cat", "dog")
    assert found.part is None
    assert found.notes == (
        "class folders without a picture: bird",
        "1 files are no pictures by their ending and were not read",
    )
    read = read_images(animals)
    assert read.images.pixels.shape == (4, 8, 8, 1)
    assert read.images.pixels[:, 0, 0, 0].tolist() == [0, 10, 20, 200]
    assert read.images.labels == ("cat", "dog")
    assert read.images.files == found.names


def test_a_folder_with_parts(tmp_path: Path) -> None:
    for part in ("train", "val", "test"):
        for klass in ("a", "b"):
            paint(tmp_path / part / klass / "0.png")
    read = read_images(tmp_path)
    assert read.images.part is not None
    assert sorted(read.images.part) == ["test", "test", "train", "train", "validation", "validation"]
    paint(tmp_path / "c" / "0.png")
    with pytest.raises(DataError, match="a training part beside 'c'"):
        list_folder(tmp_path)


def test_a_folder_whose_class_is_called_test_is_no_part(tmp_path: Path) -> None:
    paint(tmp_path / "test" / "0.png")
    paint(tmp_path / "control" / "0.png")
    assert list_folder(tmp_path).target == ("control", "test")


def test_a_table_of_paths(tmp_path: Path) -> None:
    for k in range(4):
        paint(tmp_path / "pictures" / f"{k}.png", 40 * k)
    frame = pd.DataFrame(
        {
            "file": [f"pictures/{k}.png" for k in range(4)] + [None],
            "grade": [1, 2, None, 1, 2],
            "who": ["x", "x", "y", "z", "z"],
            "set": ["train", "test", "train", "Validation", "train"],
        }
    )
    for name in ("t.csv", "t.parquet"):
        (frame.to_csv if name.endswith("csv") else frame.to_parquet)(tmp_path / name, index=False)
        found = list_table(tmp_path / name, target="grade", group="who", part="set")
        assert found.target == ("1", "2", "1")
        assert found.groups is not None
        assert found.groups.tolist() == ["x", "x", "z"]
        assert found.part == ("train", "test", "validation")
        assert found.notes == ("2 rows without a path or a class were left out",)
        images = read_images(tmp_path / name, target="grade", group="who").images
        assert images.pixels[:, 0, 0, 0].tolist() == [0, 40, 120]
        assert images.labels == ("1", "2")


def test_the_column_of_paths_is_found_by_its_content_or_asked_for(tmp_path: Path) -> None:
    paint(tmp_path / "0.png")
    frame = pd.DataFrame({"left": ["0.png"], "y": ["a"]})
    frame.to_csv(tmp_path / "one.csv", index=False)
    assert list_table(tmp_path / "one.csv", target="y").names == ("0.png",)
    frame.assign(right="0.png").to_csv(tmp_path / "two.csv", index=False)
    with pytest.raises(UsageError, match="2 columns that look like paths; name it with --path"):
        list_table(tmp_path / "two.csv", target="y")
    assert list_table(tmp_path / "two.csv", target="y", path="right").names == ("0.png",)
    frame[["y"]].to_csv(tmp_path / "none.csv", index=False)
    with pytest.raises(UsageError, match="no column that looks like paths"):
        list_table(tmp_path / "none.csv", target="y")


def test_archives(tmp_path: Path) -> None:
    pixels = np.arange(6 * 25, dtype=np.uint8).reshape(6, 5, 5)
    np.savez(tmp_path / "plain.npz", images=pixels, labels=list("ababab"))
    assert read_images(tmp_path / "plain.npz").images.labels == ("a", "b")
    parts = {f"{part}_images": pixels[k : k + 2] for k, part in enumerate(("train", "val", "test"))}
    np.savez(tmp_path / "med.npz", **parts, **{k.replace("images", "labels"): [[0], [1]] for k in parts})
    images = read_images(tmp_path / "med.npz").images
    assert images.part is not None
    assert images.part.tolist() == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2
    assert read_images(tmp_path / "plain.npz", size=10).images.pixels.shape == (6, 10, 10, 1)


def test_sizes(tmp_path: Path) -> None:
    paint(tmp_path / "a" / "0.png", size=(20, 20))
    paint(tmp_path / "b" / "0.png", size=(20, 20))
    assert read_images(tmp_path).images.pixels.shape[1:] == (20, 20, 1)
    paint(tmp_path / "b" / "1.png", size=(90, 30))
    read = read_images(tmp_path)
    assert read.images.pixels.shape[1:] == (64, 64, 1)
    assert dict(read.sizes) == {(20, 20): 2, (90, 30): 1}
    assert read_images(tmp_path, size=12).images.pixels.shape[1:] == (12, 12, 1)


def test_shape_is_kept_and_the_rest_has_the_colour_of_the_edge(tmp_path: Path) -> None:
    wide = np.full((10, 40), 50, np.uint8)
    wide[4:6, 18:22] = 250
    Image.fromarray(wide).save(tmp_path / "wide.png")
    found = read_picture(tmp_path / "wide.png", size=20, channels=1)[..., 0]
    assert (found[:7] == 50).all()
    assert (found[13:] == 50).all()
    assert found[8:12, 9:11].max() > 150


def test_kinds_of_pixels(tmp_path: Path) -> None:
    def read(path: Path, channels: int) -> list[int]:
        return read_picture(path, size=4, channels=channels)[0, 0].tolist()

    assert read(paint(tmp_path / "rgb.png", 90, (4, 4), "RGB"), 3) == [90, 90, 90]
    assert read(paint(tmp_path / "rgb.png", 90, (4, 4), "RGB"), 1) == [90]
    Image.new("RGBA", (4, 4), (10, 20, 30, 0)).save(tmp_path / "clear.png")
    assert read(tmp_path / "clear.png", 3) == [255, 255, 255]
    Image.new("I;16", (4, 4), 40_000).save(tmp_path / "deep.png")
    assert read(tmp_path / "deep.png", 1) == [40_000 >> 8]
    Image.new("RGB", (4, 4), (1, 2, 3)).quantize().save(tmp_path / "palette.gif")
    assert read(tmp_path / "palette.gif", 3) == [1, 2, 3]
    turned = Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4) * 10)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.png", exif=exif)
    assert read_picture(tmp_path / "turned.png", size=4, channels=1)[0, :, 0].tolist() == [120, 80, 40, 0]


def test_grey_files_have_one_channel_and_one_coloured_file_makes_three(tmp_path: Path) -> None:
    paint(tmp_path / "a" / "0.png")
    paint(tmp_path / "b" / "0.png")
    assert read_images(tmp_path).images.pixels.shape[3] == 1
    paint(tmp_path / "b" / "1.png", mode="RGB")
    assert read_images(tmp_path).images.pixels.shape[3] == 3


def test_damaged_files_are_left_out_and_named(animals: Path) -> None:
    whole = (animals / "cat" / "1.png").read_bytes()
    (animals / "cat" / "1.png").write_bytes(whole[: len(whole) // 2])
    (animals / "cat" / "3.png").write_bytes(b"no picture at all")
    (animals / "cat" / "4.png").write_bytes(b"")
    paint(animals / "dog" / "1.png")
    paint(animals / "dog" / "2.png")
    read = read_images(animals)
    assert set(read.broken) == {"cat/1.png", "cat/3.png", "cat/4.png"}
    assert read.broken["cat/3.png"] == "it is no picture"
    assert read.images.files == ("cat/0.png", "cat/2.png", "dog/1.png", "dog/2.png", "dog/near/0.PNG")


def test_mostly_missing_files_are_an_error_with_an_example(tmp_path: Path) -> None:
    paint(tmp_path / "0.png")
    frame = pd.DataFrame({"path": ["0.png", "x/1.png", "x/2.png"], "y": ["a", "b", "a"]})
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match=r"2 of 3 pictures cannot be read \(x/1.png: there is no such file\)"):
        read_images(tmp_path / "t.csv", target="y")


def test_too_many_pixels_are_no_warning_and_no_crash(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    large = paint(tmp_path / "large.png", size=(8, 8))
    filters = list(warnings.filters)
    assert "exceeds limit" in look_at([large]).broken[0]
    assert warnings.filters == filters


def test_large_sets_lie_in_a_file(animals: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("steelyard.tasks.image.decoding.IN_MEMORY", 10)
    images = read_images(animals, cache=tmp_path).images
    assert (tmp_path / "pixels.npy").stat().st_size > 4 * 64
    assert np.shares_memory(images.pixels, images.pixels.base)
    assert isinstance(images.pixels.base, np.memmap)
    assert images.pixels[:, 0, 0, 0].tolist() == [0, 10, 20, 200]
    assert images.digest == read_images(animals).images.digest


def test_new_pictures(animals: Path, tmp_path: Path) -> None:
    images, broken = read_new_images(animals, size=6, channels=3)
    assert images.pixels.shape == (4, 6, 6, 3)
    assert images.files is not None
    assert images.files[0] == "cat/0.png"
    assert not broken
    one, _ = read_new_images(animals / "cat" / "2.png", size=8, channels=1)
    assert one.files == ("2.png",)
    assert one.pixels[0, 0, 0, 0] == 20
    pd.DataFrame({"path": ["animals/cat/1.png", "gone.png"]}).to_csv(tmp_path / "new.csv", index=False)
    some, missing = read_new_images(tmp_path / "new.csv", size=8, channels=1)
    assert (some.files, missing) == (("animals/cat/1.png",), {"gone.png": "there is no such file"})
    digits, _ = read_new_images("digits", size=8, channels=1)
    assert len(digits) == 1797
    (tmp_path / "void").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        read_new_images(tmp_path / "void", size=8, channels=1)


def test_options_that_belong_to_tables(animals: Path) -> None:
    with pytest.raises(UsageError, match="--target names a column"):
        read_images(animals, target="y")
    with pytest.raises(UsageError, match="--group names a column"):
        read_images("digits", group="who")
    with pytest.raises(UsageError, match="size is 2"):
        read_images("digits", size=2)
    with pytest.raises(DataError, match=r"no folder or file '/no/such'"):
        read_images("/no/such")
    same = read_images(ImageSet.of(np.zeros((4, 8, 8), np.uint8), list("abab")))
    assert same.images.labels == ("a", "b")
    assert list_files(animals).target is None
