from __future__ import annotations

import numpy as np
import pandas as pd

from steelyard.tasks.tabular.columns.dates import Dates

TABLE = pd.DataFrame(
    {
        "made": pd.to_datetime(["2024-02-29 06:30", "2023-12-31 18:00", None]),
        "due": ["3/1/2024", None, "1/1/2024"],
    }
)


def test_parts_and_difference_by_hand() -> None:
    part = Dates(["made", "due"], circular=False)
    values = dict(zip(part.names() if part.learn(TABLE) is not None else [], part.read(TABLE).T, strict=True))
    nan = np.nan
    np.testing.assert_allclose(values["made_time"], [59 + 12.5 / 24, 0, nan])
    np.testing.assert_allclose(values["made_year"], [2024, 2023, nan])
    np.testing.assert_allclose(values["made_month"], [2, 12, nan])
    np.testing.assert_allclose(values["made_weekday"], [3, 6, nan])  # a Thursday and a Sunday
    np.testing.assert_allclose(values["made_hour"], [6.5, 18, nan])
    np.testing.assert_allclose(values["due_minus_made_hours"], [17.5, nan, nan])
    np.testing.assert_allclose(values["due_time"], [60.25, nan, 0.25])


def test_calendar_agrees_with_pandas() -> None:
    clock = pd.Series(pd.date_range("1899-12-30 05:00", "2101-01-01", freq="1237h"))
    part = Dates(["d"], circular=False)
    _, year, month, weekday, hour = part.learn(pd.DataFrame({"d": clock})).T
    np.testing.assert_array_equal(year, clock.dt.year)
    np.testing.assert_array_equal(month, clock.dt.month)
    np.testing.assert_array_equal(weekday, clock.dt.day_of_week)
    np.testing.assert_array_equal(hour, clock.dt.hour)


def test_cycles_close() -> None:
    part = Dates(["d"], circular=True)
    values = part.learn(
        pd.DataFrame({"d": pd.to_datetime(["2024-01-01 00:00", "2024-01-01 23:59", "2024-01-01 12:00"])})
    )
    hour = values[:, [part.names().index(f"d_hour_{wave}") for wave in ("sin", "cos")]]
    assert np.linalg.norm(hour[0] - hour[1]) < 0.01
    np.testing.assert_allclose(np.linalg.norm(hour[0] - hour[2]), 2)


def test_three_columns_give_three_differences() -> None:
    frame = pd.DataFrame(
        {name: pd.to_datetime(["2024-01-01", f"2024-01-0{i}"]) for i, name in enumerate("abc", 2)}
    )
    part = Dates(["a", "b", "c"], circular=False)
    values = part.learn(frame)
    assert part.names()[-3:] == ["b_minus_a_hours", "c_minus_a_hours", "c_minus_b_hours"]
    np.testing.assert_allclose(values[1, -3:], [24, 48, 24])


def test_nothing_but_missing() -> None:
    out = Dates(["d"], circular=False).learn(pd.DataFrame({"d": pd.to_datetime([None, None])}))
    assert np.isnan(out).all()
