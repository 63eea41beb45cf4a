from __future__ import annotations

import numpy as np
import pandas as pd

from steelyard.tasks.tabular.columns.texts import Texts

WORDS = pd.DataFrame({"t": ["the parcel was late again", "a refund please, thank you", None, ""] * 10})


def test_missing_is_empty_and_likeness_shows() -> None:
    part = Texts("t", n_components=3, seed=0)
    values = part.learn(WORDS)
    assert part.names() == ["t_0", "t_1", "t_2", "t_length"]
    assert not values[2:4].any()
    np.testing.assert_allclose(values[0, -1], np.log1p(len("the parcel was late again")))
    near, far = part.read(pd.DataFrame({"t": ["parcel late again", "thank you please"]}))[:, :-1]
    assert near @ values[0, :-1] > far @ values[0, :-1]


def test_the_same_seed_the_same_values_row_by_row() -> None:
    part = Texts("t", n_components=2, seed=5)
    values = part.learn(WORDS)
    np.testing.assert_array_equal(Texts("t", n_components=2, seed=5).learn(WORDS), values)
    np.testing.assert_array_equal(np.vstack([part.read(WORDS[i : i + 1]) for i in range(4)]), values[:4])


def test_text_without_any_word() -> None:
    part = Texts("t", n_components=2, seed=0)
    blank = pd.DataFrame({"t": ["", None, " "]})
    np.testing.assert_allclose(part.learn(blank), np.log1p([[0], [0], [1]]))
    assert part.names() == ["t_length"]
    assert part.read(WORDS).shape == (40, 1)


def test_punctuation_alone_has_characters_but_no_words() -> None:
    part = Texts("t", n_components=2, seed=0)
    values = part.learn(pd.DataFrame({"t": ["!!", "??", "!?"]}))
    assert len(part.grams_) == 1
    assert np.isfinite(values).all()
