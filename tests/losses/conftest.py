from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the losses need torch: pip install 'steelyard[torch]'")
