from __future__ import annotations

from types import FunctionType

from steelyard.ensemble.compiled import compiled


def double(x: int) -> int:
    return 2 * x


def test_a_loop_without_a_file_to_be_kept_beside_is_compiled_too() -> None:
    code = double.__code__.replace(co_filename="<nowhere>")
    assert compiled(FunctionType(code, globals(), "double"))(21) == 42


def test_division_by_nothing_is_numpys() -> None:
    def ratio(a: float, b: float) -> float:
        return a / b

    assert compiled(ratio)(1.0, 0.0) == float("inf")
